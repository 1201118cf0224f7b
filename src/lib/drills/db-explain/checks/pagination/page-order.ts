/** In which order somebody turns pages: told, or found in the workload. */
import {deparse} from 'pgsql-deparser'
import type {BoundQuery, Value} from '../../query.js'
import {at, columnOf, listAt, tableSelect, textAt, type TableSelect} from '../statement.js'

export interface SortKey {
  readonly column: string
  readonly descending: boolean
  /** Undefined is the default of the direction. */
  readonly nullsFirst?: boolean
}

export interface PageOrder {
  /** Of the query that it was found in. */
  readonly query: string | undefined
  /** Undefined: as the search path says. */
  readonly schema: string | undefined
  readonly table: string
  /** By which `where` calls the columns. */
  readonly alias: string
  readonly keys: readonly SortKey[]
  /** SQL with `$1`, `$2`, …; undefined: all rows. */
  readonly where: string | undefined
  readonly values: readonly Value[]
  /** Rows of a page. */
  readonly rows: number
}

const USUAL_ROWS = 50
const MOST_ROWS = 1000

/** Of each query that sorts one table by its columns and cuts it: its own rows, and all rows of the table. */
export async function findPageOrders(queries: readonly BoundQuery[]): Promise<readonly PageOrder[]> {
  const found = await Promise.all(queries.map(ordersIn))
  return found.flat()
}

async function ordersIn({name, sql, bindings}: BoundQuery): Promise<readonly PageOrder[]> {
  const select = await tableSelect(sql)
  const limit = at(select?.tree, 'limitCount')
  if (select === undefined || limit === undefined) return []
  const keys = sortKeys(select)
  if (keys === undefined) return []
  const {schema, table, alias, tree} = select
  const all = {query: name, schema, table, alias, keys, where: undefined, values: [], rows: rowsOf(limit)}
  const condition = at(tree, 'whereClause')
  const [binding] = bindings
  if (condition === undefined || binding === undefined) return [all]
  const {tree: renumbered, numbers} = renumber(condition)
  const where = await deparse(renumbered as Parameters<typeof deparse>[0])
  return [all, {...all, where, values: numbers.map((number) => binding.values[number - 1] ?? null)}]
}

/** Parameters from 1 without a gap, as those of the LIMIT are gone; `numbers` are the old ones in the new order. */
function renumber(condition: unknown): {readonly tree: unknown; readonly numbers: readonly number[]} {
  const numbers: number[] = []
  const renumbered = (tree: unknown): unknown => {
    if (typeof tree !== 'object' || tree === null) return tree
    if (Array.isArray(tree)) return tree.map(renumbered)
    const number = at(tree, 'ParamRef', 'number')
    if (typeof number !== 'number')
      return Object.fromEntries(Object.entries(tree).map(([key, branch]) => [key, renumbered(branch)]))
    if (!numbers.includes(number)) numbers.push(number)
    return {ParamRef: {number: numbers.indexOf(number) + 1}}
  }
  return {tree: renumbered(condition), numbers}
}

/** Undefined where it sorts by anything but columns of the table. */
function sortKeys(select: TableSelect): readonly SortKey[] | undefined {
  const keys = listAt(select.tree, 'sortClause').map((clause): SortKey | undefined => {
    const column = columnOf(at(clause, 'SortBy', 'node'), select)
    if (column === undefined || isOtherOutput(column, select)) return undefined
    const nulls = textAt(clause, 'SortBy', 'sortby_nulls')
    const descending = textAt(clause, 'SortBy', 'sortby_dir') === 'SORTBY_DESC'
    return {
      column,
      descending,
      ...(nulls !== 'SORTBY_NULLS_DEFAULT' && {nullsFirst: nulls === 'SORTBY_NULLS_FIRST'}),
    }
  })
  return keys.length === 0 || keys.includes(undefined) ? undefined : keys.filter((key) => key !== undefined)
}

/** ORDER BY prefers what the query calls so: `SELECT lower(name) AS name … ORDER BY name`. */
function isOtherOutput(column: string, select: TableSelect): boolean {
  return listAt(select.tree, 'targetList').some(
    (target) =>
      textAt(target, 'ResTarget', 'name') === column && columnOf(at(target, 'ResTarget', 'val'), select) !== column,
  )
}

function rowsOf(limit: unknown): number {
  const constant = at(limit, 'A_Const', 'ival', 'ival')
  return typeof constant === 'number' && constant > 0 ? Math.min(constant, MOST_ROWS) : USUAL_ROWS
}
