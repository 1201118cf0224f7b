/** Where the planner was wrong about how many rows come; pure. */
import type {Plan, PlanNode} from '../../plans/plan-node.js'

export interface PlannedQuery {
  readonly query: string
  /** One that was executed. */
  readonly plan: Plan
}

export interface Misestimate {
  readonly query: string
  readonly node: string
  /** `schema.table`; undefined where the node reads none. */
  readonly table: string | undefined
  readonly estimated: number
  readonly actual: number
}

export interface Estimates {
  /** Nodes that were held against what came. */
  readonly nodes: number
  readonly wrong: readonly Misestimate[]
}

/** As depesz and pgAdmin colour them. */
const FACTOR = 10
/** Below this many rows, a wrong estimate misleads nobody. */
const FEWEST_ROWS = 100
/** What is above may have stopped the node before all of its rows had come. */
const STOPS_EARLY = /^(Limit|Merge Join)$|Semi|Anti/

export function estimatesOf(planned: readonly PlannedQuery[]): Estimates {
  const all = planned.flatMap(({query, plan}) => nodesBelow(plan.root, false).map((one) => ({query, ...one})))
  const seen = all.filter(({node}) => node.actualRows !== undefined && node.loops > 0)
  const wrong = seen.flatMap(({query, node, stopped}): Misestimate[] => {
    const [estimated, actual] = [node.estimatedRows, node.actualRows ?? 0]
    if (!isWrong(estimated, actual) || (stopped && actual < estimated)) return []
    const table = node.relation && `${node.relation.schema}.${node.relation.name}`
    return [{query, node: node.type, table, estimated, actual}]
  })
  return {nodes: seen.length, wrong}
}

interface Below {
  readonly node: PlanNode
  readonly stopped: boolean
}

function nodesBelow(node: PlanNode, stopped: boolean): readonly Below[] {
  const early = STOPS_EARLY.test(node.type) || /Semi|Anti/.test(node.joinType ?? '')
  // A subplan of EXISTS is stopped at its first row.
  const below = node.children.flatMap((child) =>
    nodesBelow(child, stopped || early || child.relationship === 'SubPlan'),
  )
  return [{node, stopped}, ...below]
}

function isWrong(estimated: number, actual: number): boolean {
  const [less, more] = [Math.min(estimated, actual), Math.max(estimated, actual)]
  return more >= FEWEST_ROWS && more >= FACTOR * Math.max(less, 1)
}
