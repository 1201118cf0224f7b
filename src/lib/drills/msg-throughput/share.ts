/** What one worker is handed: the plan, where the transport is reached, and who else there is. Plain data. */
import type {Target} from '../../targets/target.js'
import type {MsgThroughputPlan} from './plan.js'

export interface MsgThroughputShare {
  readonly plan: MsgThroughputPlan
  readonly target: Target
  /** Own addresses, taken in turn; empty lets the system choose. */
  readonly sources: readonly string[]
}

/** A message that did not come out at every seat. */
export interface LostMessage {
  readonly room: number
  readonly voice: number
  /** Counted from 0 for each voice. */
  readonly sequence: number
  readonly seats: number
  /** Whether the history holds it; undefined when it was not asked. */
  readonly inHistory: boolean | undefined
}

/** What a worker brings home beside its measurements. */
export interface WorkerAccount {
  readonly examples: readonly LostMessage[]
  /** Of each voice of this worker, the sequences that were accepted, as a bit set in base64; only where an archive is checked. */
  readonly accepted: readonly (readonly [voice: number, bits: string])[]
  /** Why the history could not be asked, if it could not. */
  readonly historyTrouble: string | undefined
}
