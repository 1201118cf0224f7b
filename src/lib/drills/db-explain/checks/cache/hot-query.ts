/** The query that a cache would serve, and the keys that are asked of it. */
import {escapeIdentifier} from 'pg'
import type {Session} from '../../../../protocols/postgres/session.js'
import type {BoundQuery, Value} from '../../query.js'
import {lookupOf} from '../lookup.js'

export interface HotQuery {
  readonly name: string
  readonly sql: string
  /** Those that are asked for most often first. */
  readonly keys: readonly (readonly Value[])[]
}

const MOST_KEYS = 1000
const ROWS_LOOKED_AT = 20_000

/** The most called one that looks something up by a key, else the most called one with its few bindings; undefined where there is none. */
export async function hotQueryOf(session: Session, queries: readonly BoundQuery[]): Promise<HotQuery | undefined> {
  const byCalls = queries.filter(({bindings}) => bindings.length > 0).toSorted((one, other) => other.calls - one.calls)
  for (const query of byCalls) {
    const keys = await keysOf(session, query)
    if (keys.length > 1) return {name: query.name, sql: query.sql, keys}
  }
  const [first] = byCalls
  return first && {name: first.name, sql: first.sql, keys: first.bindings.map(({values}) => values)}
}

async function keysOf(session: Session, {sql, bindings}: BoundQuery): Promise<HotQuery['keys']> {
  const lookup = await lookupOf(sql)
  const [binding] = bindings
  if (lookup === undefined || binding === undefined) return []
  const table = [...(lookup.schema === undefined ? [] : [lookup.schema]), lookup.table].map(escapeIdentifier).join('.')
  const column = escapeIdentifier(lookup.column)
  const {rows} = await session.read(
    `SELECT key FROM (SELECT ${column}::text AS key FROM ${table} WHERE ${column} IS NOT NULL LIMIT ${ROWS_LOOKED_AT}) AS looked_at
      GROUP BY key ORDER BY count(*) DESC, key LIMIT ${MOST_KEYS}`,
  )
  return rows.map(([key]) =>
    binding.values.map((value, place) => (place === lookup.parameter - 1 ? (key ?? null) : value)),
  )
}
