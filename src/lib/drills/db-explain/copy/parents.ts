/** Fetches the rows that sampled rows refer to, and those that these refer to, until every foreign key is kept. */
import {escapeIdentifier, escapeLiteral} from 'pg'
import type {Session} from '../../../protocols/postgres/session.js'
import {pour, type Pouring} from './pour.js'

export interface ForeignKey {
  readonly child: string
  readonly parent: string
  readonly columns: readonly string[]
  readonly keys: readonly string[]
  /** Of the keys. */
  readonly types: readonly string[]
}

/** $1: oids of the tables that are copied. */
const FOREIGN_KEYS = `
  SELECT k.conrelid::regclass::text AS child, k.confrelid::regclass::text AS parent,
         ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY AS u (number, place)
                 JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.number ORDER BY u.place) AS columns,
         ARRAY(SELECT a.attname::text FROM unnest(k.confkey) WITH ORDINALITY AS u (number, place)
                 JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.number ORDER BY u.place) AS keys,
         ARRAY(SELECT format_type(a.atttypid, a.atttypmod) FROM unnest(k.confkey) WITH ORDINALITY AS u (number, place)
                 JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.number ORDER BY u.place) AS types
    FROM pg_constraint k
   WHERE k.contype = 'f' AND k.conparentid = 0 AND k.conrelid = ANY ($1::oid[]) AND k.confrelid = ANY ($1::oid[])`

/** So many keys are asked for in one statement. */
const BATCH = 5000
/** A chain of rows that refer to each other may be as long as the table; what is left then is said. */
const ROUNDS = 40

export async function readForeignKeys(source: Session, oids: readonly number[]): Promise<readonly ForeignKey[]> {
  return source.ask<ForeignKey>(FOREIGN_KEYS, [oids])
}

/** The columns of a table that can be written, quoted, between commas. */
export type ColumnsOf = (path: string) => string

/** Yields how many rows came by table; `left` where there was no end to it. */
export async function fetchParents(
  pouring: Pouring,
  keys: readonly ForeignKey[],
  columnsOf: ColumnsOf,
): Promise<{readonly came: ReadonlyMap<string, number>; readonly left: boolean}> {
  const came = new Map<string, number>()
  for (let round = 0; round < ROUNDS; round++) {
    let more = 0
    for (const key of keys) {
      const rows = await fetchMissing(pouring, key, columnsOf)
      came.set(key.parent, (came.get(key.parent) ?? 0) + rows)
      more += rows
    }
    if (more === 0) return {came, left: false}
  }
  return {came, left: true}
}

async function fetchMissing(pouring: Pouring, key: ForeignKey, columnsOf: ColumnsOf): Promise<number> {
  const {rows} = await pouring.copy.read(missingSql(key))
  let came = 0
  for (let at = 0; at < rows.length; at += BATCH) {
    const columns = columnsOf(key.parent)
    const wanted = keysSql(key, rows.slice(at, at + BATCH))
    const query = `SELECT ${columns} FROM ${key.parent} WHERE (${list(key.keys)}) IN (SELECT * FROM ${wanted})`
    came += await pour(pouring, query, `${key.parent} (${columns})`)
  }
  return came
}

function missingSql({child, parent, columns, keys}: ForeignKey): string {
  const isSame = columns.map(
    (column, place) => `p.${escapeIdentifier(keys[place] ?? '')} = c.${escapeIdentifier(column)}`,
  )
  const isThere = columns.map((column) => `c.${escapeIdentifier(column)} IS NOT NULL`)
  return `SELECT DISTINCT ${columns.map((column) => `c.${escapeIdentifier(column)}`).join(', ')} FROM ${child} c
    WHERE ${isThere.join(' AND ')} AND NOT EXISTS (SELECT FROM ${parent} p WHERE ${isSame.join(' AND ')})`
}

/** `ROWS FROM (unnest('{1,2}'::bigint[]), unnest('{a,b}'::text[])) AS wanted`; COPY takes no parameters. */
function keysSql({types}: ForeignKey, rows: readonly (readonly (string | null)[])[]): string {
  const columns = types.map((type, place) => {
    const values = rows.map((row) => `"${(row[place] ?? '').replaceAll(/["\\]/g, '\\$&')}"`)
    return `unnest(${escapeLiteral(`{${values.join(',')}}`)}::${type}[])`
  })
  return `ROWS FROM (${columns.join(', ')}) AS wanted`
}

function list(columns: readonly string[]): string {
  return columns.map(escapeIdentifier).join(', ')
}
