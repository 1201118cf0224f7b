/** Reads real rows of one table, as few pages as do, and what the server knows to be common in a column. */
import {escapeIdentifier} from 'pg'
import type {Session} from '../../../../protocols/postgres/session.js'
import {OURS} from '../statement.js'
import {itemsOf} from '../literals.js'
import type {Source, Use} from './use.js'

/** Enough to see what is common; a screen for the planner's own statistics, no replacement. */
const ROWS = 1000
/** Up to 16 MiB a table is read whole, beyond it some of its pages. */
const SMALL_PAGES = 2000
/** Pages have rows that were written together, so many of them are looked at. */
const PAGES = 30
/** A limit for tables whose statistics are far off. */
const MOST_ROWS = 8 * ROWS
const SOME_ROWS = 20
const WORDS_WITHIN = 2000

/** Expressions of one row in Postgres' text form, and how each ranks among the others of its column, from 0. */
export interface SampleRow {
  readonly values: readonly string[]
  readonly ranks: readonly number[]
}

export interface SampleOrder {
  readonly source: Source
  /** One expression each. */
  readonly uses: readonly Use[]
  /** Makes the same rows come again. */
  readonly seed: number
}

/** Rows in which none of the expressions is NULL, in no order. Rejects with the server's error. */
export async function sample({source, uses, seed}: SampleOrder, session: Session): Promise<readonly SampleRow[]> {
  const table = await tableOf(source, session)
  const rows = await rowsOf({table, uses, part: partOf(table, seed)}, session)
  // A page may have none left, and where rows are rare a share of them may be none.
  return rows.length > 0 || table.part === undefined ? rows : rowsOf({table, uses, part: ''}, session)
}

interface Table {
  /** With its alias. */
  readonly from: string
  readonly alias: string
  /** Undefined where TABLESAMPLE cannot be used. */
  readonly part: {readonly pages: number; readonly rows: number} | undefined
}

/** The whole tree of a partitioned table; a part of it stands for its parent when the query reads others beside it. */
const SIZE = `
  SELECT ${OURS} n.nspname AS schema, c.relname AS name, c.relkind AS kind, size.pages, size.rows
  FROM pg_class asked
  JOIN pg_namespace m ON m.oid = asked.relnamespace
  CROSS JOIN LATERAL (
    WITH RECURSIVE above(oid, level) AS (
      SELECT asked.oid, 0 UNION ALL
      SELECT i.inhparent, above.level + 1 FROM above JOIN pg_inherits i ON i.inhrelid = above.oid WHERE $3::boolean
    ) SELECT above.oid FROM above ORDER BY above.level DESC LIMIT 1
  ) AS top
  JOIN pg_class c ON c.oid = top.oid
  JOIN pg_namespace n ON n.oid = c.relnamespace
  CROSS JOIN LATERAL (
    WITH RECURSIVE below(oid) AS (
      SELECT c.oid UNION SELECT i.inhrelid FROM below JOIN pg_inherits i ON i.inhparent = below.oid
    ) SELECT sum(pg_relation_size(below.oid)) / current_setting('block_size')::int AS pages, sum(greatest(b.reltuples, 0)) AS rows
    FROM below JOIN pg_class b ON b.oid = below.oid
  ) AS size
  WHERE m.nspname = $1 AND asked.relname = $2`

interface SizeRow {
  readonly schema: string
  readonly name: string
  readonly kind: string
  /** Numerics come as texts. */
  readonly pages: string | null
  readonly rows: number | null
}

async function tableOf(source: Source, session: Session): Promise<Table> {
  const [found] = await session.ask<SizeRow>(SIZE, [source.schema, source.name, source.isPart])
  const {schema, name} = found ?? source
  const alias = escapeIdentifier(source.alias)
  const from = `${escapeIdentifier(schema)}.${escapeIdentifier(name)} AS ${alias}`
  const sampled = found !== undefined && /^[rpm]$/.test(found.kind)
  const part = sampled ? {pages: Number(found.pages ?? 0), rows: found.rows ?? 0} : undefined
  return {from, alias, part}
}

function partOf({part}: Table, seed: number): string {
  if (part === undefined) return ''
  const {pages, rows} = part
  const percent = (share: number) => Math.min(100, Math.max(100 * share, 1e-4)).toFixed(4)
  if (pages <= SMALL_PAGES) {
    return rows <= ROWS ? '' : `TABLESAMPLE BERNOULLI (${percent(ROWS / rows)}) REPEATABLE (${seed})`
  }
  const needed = rows > 0 ? (ROWS * pages) / rows : PAGES
  return `TABLESAMPLE SYSTEM (${percent(Math.max(needed, PAGES) / pages)}) REPEATABLE (${seed})`
}

interface RowsOrder {
  readonly table: Table
  readonly uses: readonly Use[]
  readonly part: string
}

async function rowsOf({uses, table, part}: RowsOrder, session: Session): Promise<readonly SampleRow[]> {
  const ranks = uses.map(({expression, shape}) =>
    shape.kind === 'bound' ? `row_number() OVER (ORDER BY ${expression}) - 1` : '0',
  )
  const {rows} = await session.read(`
    SELECT ${OURS} ${[...uses.map(textOf), ...ranks].join(', ')}
    FROM (SELECT * FROM ${table.from} ${part} WHERE ${presenceOf(uses)} LIMIT ${MOST_ROWS}) AS ${table.alias}`)
  return rows.map((row) => ({
    values: row.slice(0, uses.length).map((value) => value ?? ''),
    ranks: row.slice(uses.length).map(Number),
  }))
}

/** Of a long text its beginning has words enough. */
function textOf({expression, shape}: Use): string {
  const text = `(${expression})::text`
  return shape.kind === 'pattern' || shape.kind === 'words' ? `left(${text}, ${WORDS_WITHIN})` : text
}

function presenceOf(uses: readonly Use[]): string {
  return uses.map(({expression}) => `(${expression}) IS NOT NULL`).join(' AND ')
}

const COMMON = `
  SELECT ${OURS} most_common_vals::text AS values FROM pg_stats
  WHERE schemaname = $1 AND tablename = $2 AND attname = $3 AND most_common_vals IS NOT NULL
  ORDER BY inherited DESC LIMIT 1`

/** The most common values of a column, the most common first; none where nobody counted. */
export async function commonIn({schema, name}: Source, column: string, session: Session): Promise<readonly string[]> {
  const [found] = await session.ask<{values: string}>(COMMON, [schema, name, column])
  return found === undefined ? [] : itemsOf(found.values)
}

/** Rows in which one expression has a value that is common, so that they are found soon. */
export async function rowsWith(
  {source, uses, anchor, value}: Omit<SampleOrder, 'seed'> & {readonly anchor: Use; readonly value: string},
  session: Session,
): Promise<readonly SampleRow[]> {
  const {from} = await tableOf(source, session)
  const {rows} = await session.read(
    `SELECT ${OURS} ${uses.map(textOf).join(', ')} FROM ${from} WHERE (${anchor.expression}) = $1 AND ${presenceOf(uses)} LIMIT ${SOME_ROWS}`,
    [value],
  )
  return rows.map((row) => ({values: row.map((each) => each ?? ''), ranks: row.map(() => 0)}))
}
