/** The statements that turn to a page, by counting rows off and by the key of the row before it; pure. */
import {escapeIdentifier} from 'pg'
import type {SortKey} from './page-order.js'
import type {PageTable} from './page-table.js'

export interface PageSql {
  /** The page behind `depth` rows, counted off. */
  offset(depth: number): string
  /** The key of the last row before that page. */
  anchor(depth: number): string
  /** The page behind the row whose key follows the values of the order's filter; the first page for depth 0. */
  keyset(depth: number): string
}

export function pageSql(page: PageTable): PageSql {
  const {order, keys} = page
  const column = (name: string) => `${escapeIdentifier(order.alias)}.${escapeIdentifier(name)}`
  const from = `FROM ${escapeIdentifier(page.schema)}.${escapeIdentifier(page.table)} AS ${escapeIdentifier(order.alias)}`
  const sorted = `ORDER BY ${keys.map((key) => `${column(key.column)}${directionOf(key)}`).join(', ')}`
  const filter = order.where === undefined ? [] : [`(${order.where})`]
  const where = (conditions: readonly string[]) => (conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`)
  const rows = `SELECT ${escapeIdentifier(order.alias)}.* ${from}`
  const behind = behindKey(keys, {column, from: order.values.length + 1})
  return {
    offset: (depth) => `${rows}${where(filter)} ${sorted} LIMIT ${order.rows} OFFSET ${depth}`,
    anchor: (depth) =>
      `SELECT ${keys.map((key) => column(key.column)).join(', ')} ${from}${where(filter)} ${sorted} LIMIT 1 OFFSET ${depth - 1}`,
    keyset: (depth) => `${rows}${where(depth === 0 ? filter : [...filter, behind])} ${sorted} LIMIT ${order.rows}`,
  }
}

interface Naming {
  readonly column: (name: string) => string
  /** Number of the first key's parameter. */
  readonly from: number
}

/**
 * Where all keys run the same way a comparison of rows, `(created_at, id) < ($1, $2)`. Otherwise, for `a DESC, b`:
 *
 *   a <= $1 AND (a < $1 OR (a = $1 AND b > $2))
 *
 * whose first part alone tells an index where to begin.
 */
function behindKey(keys: readonly SortKey[], {column, from}: Naming): string {
  const names = keys.map((key) => column(key.column))
  const values = keys.map((_, place) => `$${from + place}`)
  const signs = keys.map(({descending}) => (descending ? '<' : '>'))
  if (new Set(signs).size === 1) return `(${names.join(', ')}) ${signs[0] ?? '>'} (${values.join(', ')})`
  const steps = keys.map((_, place) => {
    const equal = names.slice(0, place).map((name, before) => `${name} = ${values[before] ?? ''}`)
    return `(${[...equal, `${names[place] ?? ''} ${signs[place] ?? ''} ${values[place] ?? ''}`].join(' AND ')})`
  })
  return `${names[0] ?? ''} ${signs[0] ?? ''}= ${values[0] ?? ''} AND (${steps.join(' OR ')})`
}

function directionOf({descending, nullsFirst}: SortKey): string {
  const nulls = nullsFirst === undefined ? '' : ` NULLS ${nullsFirst ? 'FIRST' : 'LAST'}`
  return `${descending ? ' DESC' : ''}${nulls}`
}

/** The index that serves this order; without a name, so that the server gives it one that is free. */
export function orderIndexSql({schema, table, keys}: PageTable, how: 'plain' | 'concurrently'): string {
  const columns = keys.map((key) => `${escapeIdentifier(key.column)}${directionOf(key)}`).join(', ')
  const word = how === 'plain' ? '' : ' CONCURRENTLY'
  return `CREATE INDEX${word} ON ${escapeIdentifier(schema)}.${escapeIdentifier(table)} (${columns})`
}
