/** What a run brings home. */
import type {Ms} from '../../base/units.js'
import type {FactsFrame} from '../drill.js'
import type {Candidate, Rejected} from './advice/index-design.js'
import type {TableFacts} from './advice/table-facts.js'
import type {CheckResult} from './checks/check.js'
import type {CopyFacts} from './copy/copy-facts.js'
import type {Plan} from './plans/plan-node.js'
import type {BoundQuery, Skipped} from './query.js'
import type {WriteCharge} from './trial/charge-writes.js'
import type {Choice} from './trial/choose.js'
import type {Measured} from './trial/measured.js'

/** One query as it is now. */
export interface Look {
  readonly query: BoundQuery
  /** One for each binding: executed, or planned only where that was given up. */
  readonly plans: readonly Plan[]
  /** What one call takes: the mean over its bindings; at least that where the query was given up. */
  readonly timeMs: Ms
  /** All runs that were timed. */
  readonly times: readonly Ms[]
  readonly slow: boolean
}

/** What is advised for one slow query before anything was tried. */
export interface QueryAdvice {
  readonly query: string
  readonly candidates: readonly Candidate[]
  readonly rejected: readonly Rejected[]
  /** Why there is no candidate, one sentence a scan; empty where there is one. */
  readonly why: readonly string[]
  /** Those of its tables that are partitioned: to these an index comes in steps. */
  readonly partitioned: readonly Pick<TableFacts, 'schema' | 'name' | 'partitions'>[]
}

/** What trying and measuring showed. */
export interface Proof {
  readonly kind: 'own' | 'rolled-back' | 'hypothetical'
  readonly choice: Choice
  /** Empty where nothing can be run. */
  readonly measured: readonly Measured[]
  readonly charges: readonly WriteCharge[]
  /** Executed where that can be: by query, of its slowest binding. */
  readonly plansAfter: ReadonlyMap<string, Plan>
  /** Of blocks: the last without over the first without. */
  readonly drift?: number | undefined
  /** Why it ended early. */
  readonly stopped?: string | undefined
}

export interface DbExplainFacts extends FactsFrame {
  readonly looks: readonly Look[]
  readonly skipped: readonly Skipped[]
  /** Of them, those that were safe to run and that the server would not run. */
  readonly refused: readonly Skipped[]
  readonly advice: readonly QueryAdvice[]
  readonly proof: Proof | undefined
  readonly checked: readonly CheckResult[]
  readonly copy: CopyFacts | undefined
}
