/** Index-only scans: the same index with the few narrow columns that the query still needs. Pure. */
import {averageShare} from './selectivity.js'
import type {View, Wish, Wished} from './view.js'

const MOST_COLUMNS = 3
const WIDEST_TOGETHER = 64
/** For fewer rows the visits to the table are not worth a wider index. */
const FEW_ROWS = 100
/** Of the pages; the others must be visited all the same. */
const ALL_VISIBLE = 0.5

/** Of the wishes for b-trees, those that could do without the table. */
export function coveringFor(wishes: readonly Wish[], view: View): Wished {
  const wide = wishes.flatMap((wish) => coveringOf(wish, view))
  const {allVisible} = view.facts
  if (allVisible >= ALL_VISIBLE) return {wishes: wide, given: []}
  const reason = `only ${Math.round(allVisible * 100)} % of the pages are all-visible, so that it would visit the table: VACUUM first`
  return {wishes: [], given: wide.map(({design}) => ({design, serves: [view.query], reason}))}
}

function coveringOf(wish: Wish, view: View): readonly Wish[] {
  const {design} = wish
  const {needed} = view.scan
  if (needed === undefined || design.method !== 'btree' || rowsFetched(view) < FEW_ROWS) return []
  if (design.keys.some((key) => 'expression' in key)) return []
  const held = new Set(design.keys.flatMap((key) => ('column' in key ? [key.column] : [])))
  const read = [...needed, ...conditionColumns(wish, view)]
  const include = [...new Set(read)].filter((column) => !held.has(column))
  if (include.length === 0 || include.length > MOST_COLUMNS || !isNarrow(include, view)) return []
  const columns = include.toSorted()
  return [{...wish, design: {...design, include: columns}, why: `${wish.why}, without visits to the table`}]
}

/** What the predicate says need not be looked at again. */
function conditionColumns({design}: Wish, {scan}: View): readonly string[] {
  const settled = new Set(design.where?.split(' AND '))
  return scan.conditions.filter(({sql}) => !settled.has(sql)).flatMap(({columns}) => columns)
}

function isNarrow(columns: readonly string[], {facts}: View): boolean {
  const widths = columns.map((name) => facts.columns.find((column) => column.name === name)?.averageWidth)
  return (
    widths.every((width) => width !== undefined) && widths.reduce((sum, width) => sum + width, 0) <= WIDEST_TOGETHER
  )
}

/** Those of a join that looks up each of its rows are not told apart, so they are reckoned by the average. */
function rowsFetched({scan, facts}: View): number {
  if (scan.limit !== undefined && scan.order.length > 0) return Math.min(scan.limit, scan.rowsOut)
  const [join] = scan.joins
  const column = facts.columns.find(({name}) => name === join?.operand.column)
  const share = column && averageShare(column)
  if (join === undefined || share === undefined || facts.rows === undefined) return scan.rowsOut
  return Math.min(scan.rowsOut, join.lookups * share * facts.rows)
}
