/** What a flood brings home. */
import type {Bytes, PerSecond} from '../../base/units.js'
import type {WorkerDeath} from '../../load/colleague.js'
import type {Measurements} from '../../metrics/measurements.js'
import type {FactsFrame} from '../drill.js'
import type {LevelResult} from './level-result.js'

export interface WsFloodFacts extends FactsFrame {
  readonly measurements: Measurements
  readonly deaths: readonly WorkerDeath[]
  /** Users established a second, from the first due one to the last established. */
  readonly connectRate: PerSecond
  /** Resident memory of the workers beyond their empty size, for each established user. */
  readonly rssPerConnection: {readonly afterRamp: Bytes; readonly atEnd: Bytes}
  /** Of a search: every level that was finished, ascending. */
  readonly levels?: readonly LevelResult[]
}
