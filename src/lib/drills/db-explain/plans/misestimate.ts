/** Where the planner expected far more or fewer rows than came: the usual reason for a wrong plan. */
import type {PlanNode} from './plan-node.js'

/** From here on an estimate is worth a look, and from there on it is likely to have misled the planner (explain.depesz.com colours the same). */
export const OFF = 10
export const FAR_OFF = 100

/** They take in all rows before they pass on the first. */
const PATIENT = new Set([
  'Sort',
  'Hash',
  'Aggregate',
  'Bitmap Index Scan',
  'BitmapAnd',
  'BitmapOr',
  'WindowAgg',
  'SetOp',
])

/**
 * By which factor each node was off, at least 1; none for nodes that were not run. A node that was stopped early, below a LIMIT or on the inner
 * side of a semi-join, passed on fewer rows than it has: that is no error of the estimate.
 */
export function misestimates(root: PlanNode): ReadonlyMap<PlanNode, number> {
  const factors = new Map<PlanNode, number>()
  const visit = (node: PlanNode, isStopped: boolean): void => {
    const factor = factorOf(node, isStopped)
    if (factor !== undefined) factors.set(node, factor)
    for (const child of node.children) visit(child, stops(node, child) || (isStopped && passesOn(node, child)))
  }
  visit(root, false)
  return factors
}

function factorOf({actualRows, estimatedRows, loops}: PlanNode, isStopped: boolean): number | undefined {
  if (actualRows === undefined || loops === 0) return undefined
  // The planner never estimates less than one row, and Postgres before 18 rounds what came.
  const [came, expected] = [Math.max(1, actualRows), Math.max(1, estimatedRows)]
  return isStopped && came < expected ? 1 : Math.max(came / expected, expected / came)
}

function stops(node: PlanNode, child: PlanNode): boolean {
  if (node.type === 'Limit') return child.relationship === 'Outer'
  const asksForOne = node.joinType === 'Semi' || node.joinType === 'Anti'
  return asksForOne && node.type === 'Nested Loop' && child.relationship === 'Inner'
}

function passesOn(node: PlanNode, child: PlanNode): boolean {
  return !PATIENT.has(node.type) && child.relationship !== 'InitPlan' && child.relationship !== 'SubPlan'
}
