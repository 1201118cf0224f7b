/** What a run brings home. */
import type {Ms} from '../../base/units.js'
import type {WorkerDeath} from '../../load/colleague.js'
import type {Measurements} from '../../metrics/measurements.js'
import type {FactsFrame} from '../drill.js'
import type {ArchiveFacts} from './archive.js'
import type {RateLevel} from './rate-levels.js'
import type {StoreFacts} from './stores.js'

export interface MsgThroughputFacts extends FactsFrame {
  readonly measurements: Measurements
  readonly deaths: readonly WorkerDeath[]
  /** When the run began, on the clock; its seconds count from there. */
  readonly startedAtMs: Ms
  /** When the last message was due, on the clock: after an interrupt the phase lasts a little longer than its load. */
  readonly lastDueMs: Ms
  /** The most messages that the transport said were waiting; undefined where it does not tell. */
  readonly deepestQueue: number | undefined
  /** What lies in the stores; undefined where they were not looked at. */
  readonly stores: StoreFacts | undefined
  readonly archive: ArchiveFacts | undefined
  /** Of a search: every level that was finished, ascending. */
  readonly levels?: readonly RateLevel[]
}
