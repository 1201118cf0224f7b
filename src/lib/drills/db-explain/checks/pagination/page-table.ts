/** The table whose pages are turned: who it is, and what makes its order one of a kind. */
import {escapeIdentifier} from 'pg'
import type {Session} from '../../../../protocols/postgres/session.js'
import type {PageOrder, SortKey} from './page-order.js'

/** An order in which no two rows are equal, over columns without NULL. */
export interface PageTable {
  readonly order: PageOrder
  readonly schema: string
  readonly table: string
  /** Those of the order, and what tells equal rows apart. */
  readonly keys: readonly SortKey[]
  /** As the planner estimates. */
  readonly rows: number
}

interface Known {
  readonly oid: number
  readonly schema: string
  readonly table: string
  readonly kind: string
  /** Each the columns of an index that no two rows share. */
  readonly unique: readonly (readonly string[])[]
}

const KNOWN = `
  SELECT c.oid::int8::float8 AS oid, n.nspname AS "schema", c.relname AS "table", c.relkind AS kind,
         coalesce((
           SELECT json_agg(u.columns ORDER BY u.is_primary DESC, json_array_length(u.columns), u.position)
             FROM (
               SELECT i.indisprimary AS is_primary, i.indexrelid AS position,
                      (SELECT json_agg(a.attname ORDER BY k.place)
                         FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k (number, place)
                         JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number
                        WHERE k.place <= i.indnkeyatts) AS columns
                 FROM pg_index i
                WHERE i.indrelid = c.oid AND i.indisunique AND i.indisvalid AND i.indimmediate
                  AND i.indpred IS NULL AND i.indexprs IS NULL) u), '[]') AS "unique"
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = to_regclass($1)`

/** In words, why its pages cannot be turned by key. */
export type Unfit = string

export async function pageTableOf(session: Session, order: PageOrder): Promise<PageTable | Unfit> {
  const path = [...(order.schema === undefined ? [] : [order.schema]), order.table].map(escapeIdentifier).join('.')
  const [known] = await session.ask<Known>(KNOWN, [path])
  if (known === undefined) return `${order.table} is not there, or not to be seen`
  if (!['r', 'p', 'm'].includes(known.kind)) return `${order.table} is no table but a view or a foreign table`
  const keys = withTieBreaker(order.keys, known.unique)
  if (keys === undefined) return `${order.table} has no unique key that could tell rows of equal order apart`
  const named = `${escapeIdentifier(known.schema)}.${escapeIdentifier(known.table)}`
  const isNull = keys.map(({column}) => `${escapeIdentifier(column)} IS NULL`).join(' OR ')
  const nulls = await session.ask(`SELECT 1 AS found FROM ${named} WHERE ${isNull} LIMIT 1`)
  if (nulls.length > 0) return `a column that ${order.table} is sorted by holds NULL, which no key can be compared with`
  return {order, schema: known.schema, table: known.table, keys, rows: await estimateOf(session, order, named)}
}

/** What a unique index needs beside the order's own columns; in the direction of the last of them. */
function withTieBreaker(keys: readonly SortKey[], unique: Known['unique']): readonly SortKey[] | undefined {
  const sorted = new Set(keys.map(({column}) => column))
  const missing = unique.map((columns) => columns.filter((column) => !sorted.has(column)))
  const [fewest] = missing.toSorted((one, other) => one.length - other.length)
  if (fewest === undefined) return undefined
  const descending = keys.at(-1)?.descending ?? false
  return [...keys, ...fewest.map((column) => ({column, descending}))]
}

async function estimateOf(session: Session, {alias, where, values}: PageOrder, named: string): Promise<number> {
  const filter = where === undefined ? '' : ` WHERE ${where}`
  const sql = `EXPLAIN (FORMAT JSON) SELECT 1 FROM ${named} AS ${escapeIdentifier(alias)}${filter}`
  const [row] = await session.ask<{'QUERY PLAN': readonly {Plan: {'Plan Rows': number}}[]}>(sql, values)
  return row?.['QUERY PLAN'][0]?.Plan['Plan Rows'] ?? 0
}
