/** Where indexes are tried: on a database of our own, in a transaction that is rolled back, or only in the planner's mind. */
import type {Bytes, Ms} from '../../../base/units.js'
import type {Session} from '../../../protocols/postgres/session.js'
import type {IndexDesign} from '../advice/index-design.js'

/** An index that stands on the ground, seen by the planner or not. */
export interface Built {
  readonly design: IndexDesign
  /** As it stands in plans. */
  readonly name: string
  /** Its own name, and those of its parts on partitions: what stands in plans. */
  readonly names: readonly string[]
  /** Undefined for a hypothetical one. */
  readonly buildMs: Ms | undefined
  /** An estimate for a hypothetical one. */
  readonly bytes: Bytes
}

export interface NotBuilt {
  readonly design: IndexDesign
  /** Why it could not be tried. */
  readonly reason: string
}

export interface TrialGround extends AsyncDisposable {
  readonly kind: 'own' | 'rolled-back' | 'hypothetical'
  /** The one session in which is planned and timed; statements one at a time. */
  readonly session: Session
  /** Queries can be run on what was built; else they can only be planned. */
  readonly runs: boolean
  /** Aborts with a sentence as its reason when the ground had to be given up: from then on nothing is tried. */
  readonly stopped: AbortSignal
  /** Makes it, and the extensions that it needs; until the next `see`, nobody knows who sees it. */
  build(design: IndexDesign, needs?: readonly string[]): Promise<Built | NotBuilt>
  /** From now on the planner sees, of all that were built here, exactly these. */
  see(visible: readonly Built[]): Promise<void>
  /** Removes it for good. */
  drop(built: Built): Promise<void>
  /** Runs statements that only read; where one of them fails, what was built is not lost. Not to be nested. */
  reads<Answer>(work: () => Promise<Answer>): Promise<Answer>
}

export function isBuilt(trial: Built | NotBuilt): trial is Built {
  return 'name' in trial
}
