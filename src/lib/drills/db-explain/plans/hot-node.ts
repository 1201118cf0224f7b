/** The node where a plan spends most: of the time where it was timed, of the planner's cost where it was not. */
import type {Plan, PlanNode} from './plan-node.js'
import {everyNode} from './shape.js'
import {split} from './split.js'

/** The first of several in the order of the tree. */
export function hotNode({root}: Plan): PlanNode {
  const cost = root.exclusiveMs === undefined ? exclusiveCosts(root) : undefined
  const spent = (node: PlanNode) => cost?.get(node) ?? node.exclusiveMs ?? 0
  return everyNode(root).reduce((hottest, node) => (spent(node) > spent(hottest) ? node : hottest))
}

/**
 * Adds up to the root's cost. A LIMIT costs less than what it stands on, which is then cut down; the inner side of a nested loop is priced for
 * one round. Unlike time, the cost of a CTE or an InitPlan is charged to the node that it hangs on (SS_charge_for_initplans).
 */
export function exclusiveCosts(root: PlanNode): ReadonlyMap<PlanNode, number> {
  const rounds = new Map<PlanNode, number>()
  for (const node of everyNode(root)) {
    const [outer, inner] = [side(node, 'Outer'), side(node, 'Inner')]
    if (node.type === 'Nested Loop' && outer && inner) rounds.set(inner, Math.max(1, outer.estimatedRows))
  }
  return split(root, (node) => node.totalCost * (rounds.get(node) ?? 1))
}

function side({children}: PlanNode, name: string): PlanNode | undefined {
  return children.find(({relationship}) => relationship === name)
}
