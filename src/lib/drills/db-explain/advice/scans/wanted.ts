/** What the nodes above a scan want of it: an order, a number of rows, partners for a join, columns. Handed down from the root. */
import type {PlanNode} from '../../plans/plan-node.js'

/** A join above, seen from one of its sides. */
export interface JoinAbove {
  readonly texts: readonly string[]
  /** Rows of the other side. */
  readonly lookups: number
}

export interface Wanted {
  readonly sortKey: readonly string[]
  readonly limit: number | undefined
  readonly aggregated: boolean
  readonly groupKey: readonly string[]
  readonly joins: readonly JoinAbove[]
  /** What the nearest node above that computes something passes on; undefined: the scan's own output is what is needed. */
  readonly consumed: readonly string[] | undefined
  /** Texts of the nodes above that read columns of the scan. */
  readonly read: readonly string[]
}

export const NOTHING_WANTED: Wanted = {
  sortKey: [],
  limit: undefined,
  aggregated: false,
  groupKey: [],
  joins: [],
  consumed: undefined,
  read: [],
}

/** They hand rows on as they come. */
const PASSING = new Set([
  'Gather',
  'Gather Merge',
  'Append',
  'Merge Append',
  'Materialize',
  'LockRows',
  'Result',
  'Bitmap Heap Scan',
])

const AGGREGATES = new Set(['Aggregate', 'Group', 'WindowAgg', 'SetOp', 'Unique'])
const SORTS = new Set(['Sort', 'Incremental Sort'])
const JOINS = new Set(['Nested Loop', 'Hash Join', 'Merge Join'])

/** `max(m.created_at)` of all rows needs only the first of an index (https://www.postgresql.org/docs/17/indexes-ordering.html). */
const EXTREME = /^(min|max)\((.*)\)$/s

export function wantedBelow(node: PlanNode, child: PlanNode, above: Wanted): Wanted {
  if (child.relationship === 'InitPlan' || child.relationship === 'SubPlan') return NOTHING_WANTED
  if (node.type === 'Limit') return {...above, sortKey: [], limit: rowsOf(node)}
  if (SORTS.has(node.type)) return sortedBelow(node, above)
  if (JOINS.has(node.type)) return joinedBelow(node, child, above)
  if (AGGREGATES.has(node.type)) return aggregatedBelow(node, above)
  // Here it is the same relation or the same rows; the hash table of a join keeps no order, but another join could.
  if (PASSING.has(node.type) || node.type === 'Hash' || node.type === 'Memoize') return above
  return NOTHING_WANTED
}

/** All loops together. */
function rowsOf(node: PlanNode): number {
  return node.actualRows === undefined ? node.estimatedRows : node.actualRows * node.loops
}

function sortedBelow({sortKey}: PlanNode, above: Wanted): Wanted {
  return {...above, sortKey, read: [...above.read, ...sortKey]}
}

function joinedBelow(node: PlanNode, child: PlanNode, above: Wanted): Wanted {
  const other = node.children.find(
    (one) => one !== child && (one.relationship === 'Inner' || one.relationship === 'Outer'),
  )
  const texts = [node.hashCondition, node.mergeCondition, node.joinFilter].flatMap((text) => text ?? [])
  const kept = keepsRowsOf(node, child)
  return {
    sortKey: kept ? above.sortKey : [],
    limit: above.limit,
    aggregated: false,
    groupKey: [],
    joins: [...above.joins, {texts, lookups: other === undefined ? 1 : rowsOf(other)}],
    consumed: node.output,
    read: [...above.read, ...texts, ...(node.filter === undefined ? [] : [node.filter])],
  }
}

/** An outer join adds rows to one side; in the order of the other side its result cannot come. */
function keepsRowsOf({joinType = 'Inner'}: PlanNode, {relationship}: PlanNode): boolean {
  if (joinType === 'Inner') return true
  if (joinType.startsWith('Right')) return relationship === 'Inner'
  return joinType !== 'Full' && relationship === 'Outer'
}

function aggregatedBelow(node: PlanNode, above: Wanted): Wanted {
  const below = {
    ...NOTHING_WANTED,
    joins: [],
    aggregated: node.type !== 'Unique',
    groupKey: node.groupKey,
    consumed: node.output,
    read: [...node.groupKey, ...(node.filter === undefined ? [] : [node.filter])],
  }
  const [only, ...others] = node.output
  const extreme =
    node.type === 'Aggregate' && node.groupKey.length === 0 && others.length === 0 && EXTREME.exec(only ?? '')
  if (node.type === 'Unique') return {...below, limit: undefined, consumed: above.consumed}
  if (!extreme) return below
  const [, which, sql = ''] = extreme
  return {...below, aggregated: false, limit: 1, sortKey: [which === 'max' ? `${sql} DESC` : sql]}
}
