/** Which of a query's bindings takes longest. */
import type {Plan} from './plans/plan-node.js'

/** Its place among the plans; 0 where none was timed. */
export function slowestOf(plans: readonly Plan[]): number {
  const lengths = plans.map(({executionMs}) => executionMs ?? 0)
  return Math.max(0, lengths.indexOf(Math.max(...lengths)))
}
