/** One use of a table in a plan: what is asked of it, in which order its rows are wanted, and how many came. */
import type {Condition, Operand} from '../conditions/condition.js'
import type {Relation} from '../../plans/plan-node.js'

export interface SortTerm {
  readonly operand: Operand
  readonly descending: boolean
  readonly nullsFirst: boolean
}

/** An equality with columns of other tables. */
export interface JoinCondition {
  readonly operand: Operand
  /** How many rows of the other side look for their partners, all loops together. */
  readonly lookups: number
}

export interface Scan {
  readonly relation: Relation
  /** `Seq Scan`, `Bitmap Heap Scan`, `Function Scan`, … */
  readonly type: string
  /** That it reads already. */
  readonly index: string | undefined
  /** Filters, index and recheck conditions, each once. */
  readonly conditions: readonly Condition[]
  readonly joins: readonly JoinCondition[]
  /** In which order its rows are wanted, as far as the order could come from it; a join does not end it, an aggregate does. */
  readonly order: readonly SortTerm[]
  /** So many rows are enough; undefined where all are needed. */
  readonly limit: number | undefined
  /** Directly above it rows are grouped or counted. */
  readonly aggregated: boolean
  readonly groups: readonly Operand[]
  /** The columns of it that the nodes above need, its own conditions aside; undefined where that cannot be told. */
  readonly needed: readonly string[] | undefined
  /** Of all loops together: those that passed its conditions, and those that were looked at. */
  readonly rowsOut: number
  /** Undefined where the plan was not run. */
  readonly rowsLookedAt: number | undefined
  readonly estimatedRows: number
  readonly loops: number
}
