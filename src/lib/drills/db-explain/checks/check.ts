/** What every check of the drill is handed, and what it makes of its facts. */
import type {MetricSet} from '../../../metrics/metric.js'
import type {Kit} from '../../drill.js'

export type CheckKit = Pick<Kit, 'clock' | 'random' | 'signal' | 'note'>

/** What the facts of one check amount to; it judges nothing. */
export interface CheckResult {
  readonly metrics: MetricSet
  /** For the report, each a whole one; no value of the user's data is in them. */
  readonly sentences: readonly string[]
}
