/** How many rows a scan put out and looked at, over all its loops and workers. */
import type {Plan, PlanNode} from '../../plans/plan-node.js'

/** What the leader itself does of the work of its workers shrinks by this with each (get_parallel_divisor in Postgres' costsize.c). */
const LEADER_LOSS = 0.3

export function rowsOut({actualRows, estimatedRows, loops}: PlanNode, plan: Plan): number {
  return actualRows === undefined ? estimatedRows * divisorOf(plan.workersPlanned) : actualRows * loops
}

/** Undefined where the plan was not run. */
export function rowsLookedAt({actualRows, removedByFilter, loops}: PlanNode): number | undefined {
  return actualRows === undefined ? undefined : (actualRows + removedByFilter) * loops
}

/** A planned scan below a Gather is told for one worker; a scan that every worker does in full is rare enough to be overrated. */
function divisorOf(workers: number): number {
  return workers === 0 ? 1 : workers + Math.max(0, 1 - LEADER_LOSS * workers)
}
