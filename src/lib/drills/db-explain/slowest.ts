/** Which of a query's bindings takes longest. */
import type {Plan} from './plans/plan-node.js'

/** Its place among the plans; one that was planned only among others that were run was given up. 0 where none was timed. */
export function slowestOf(plans: readonly Plan[]): number {
  const lengths = plans.map(({executionMs}) => executionMs ?? Infinity)
  return Math.max(0, lengths.indexOf(Math.max(...lengths)))
}
