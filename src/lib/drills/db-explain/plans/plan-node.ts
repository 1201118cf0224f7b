/** A plan as Postgres told it, with the times of each node put right. */
import type {Ms} from '../../../base/units.js'

export interface Relation {
  readonly schema: string
  readonly name: string
  readonly alias: string
}

/** Blocks of 8 KiB, of this node without its children. */
export interface Buffers {
  readonly hit: number
  readonly read: number
  /** Temporary files: sorts and hashes that did not fit work_mem. */
  readonly temporary: number
}

/** Condition texts are SQL as Postgres deparsed it, e.g. `((m.room_id = 7) AND (m.deleted_at IS NULL))`. */
export interface PlanNode {
  /** `Seq Scan`, `Index Only Scan`, `Hash Join`, … */
  readonly type: string
  /** The same as EXPLAIN's text form heads it: `Parallel Index Scan Backward`, `Finalize HashAggregate`, `Hash Left Join`. */
  readonly heading?: string
  /** What it reads where that is no relation: a CTE, a function, a subquery's alias. */
  readonly source?: string
  readonly relation?: Relation
  readonly index?: string
  /** Expressions that it passes on (VERBOSE). */
  readonly output: readonly string[]
  readonly filter?: string
  readonly indexCondition?: string
  readonly recheckCondition?: string
  readonly joinFilter?: string
  readonly hashCondition?: string
  readonly mergeCondition?: string
  /** As printed: `m.created_at DESC`. */
  readonly sortKey: readonly string[]
  readonly groupKey: readonly string[]
  readonly joinType?: string
  /** How it belongs to its parent: `Outer`, `Inner`, `InitPlan`, `SubPlan`, `Subquery`, `Member`; undefined at the root. */
  readonly relationship?: string
  readonly subplan?: string
  /** Both ends of the estimate and what came, of one loop; `actual` undefined where it was planned only. */
  readonly estimatedRows: number
  readonly actualRows: number | undefined
  readonly width: number
  readonly loops: number
  readonly removedByFilter: number
  readonly heapFetches: number | undefined
  /** Descents of the index, from Postgres 18 on; more than its loops show a skip scan or a long list. */
  readonly indexSearches?: number
  readonly startupCost: number
  readonly totalCost: number
  /** Of all loops together, as time on the clock where processes ran side by side; undefined where nothing was timed. */
  readonly inclusiveMs: Ms | undefined
  /** Without its children, its InitPlans and the CTEs that it reads, never below 0. */
  readonly exclusiveMs: Ms | undefined
  readonly buffers: Buffers
  readonly children: readonly PlanNode[]
}

export interface Plan {
  readonly root: PlanNode
  /** Total cost of the root. */
  readonly cost: number
  readonly planningMs: Ms | undefined
  readonly executionMs: Ms | undefined
  /** Settings that are not at their default and change plans. */
  readonly settings: Readonly<Record<string, string>>
  readonly jit: boolean
  readonly workersPlanned: number
  readonly workersLaunched: number | undefined
  /** Names of the indexes that it reads, each once. */
  readonly indexes: readonly string[]
  /** The same for plans of the same shape (node types, relations, indexes), whatever the values. */
  readonly shape: string
}
