/** How a row like those of a table is inserted: its values are taken from rows that are there. */
import {escapeIdentifier} from 'pg'
import type {Session} from '../../../../protocols/postgres/session.js'
import type {Value} from '../../query.js'

export interface InsertMaker {
  /** `schema.table`. */
  readonly table: string
  readonly sql: string
  /** Values of insert number `n`, from 0. */
  readonly values: (n: number) => readonly Value[]
}

/** In words, why no row can be made. */
export type NoRow = string

interface Column {
  readonly schema: string
  readonly table: string
  readonly name: string
  /** The server fills it in when it is left out. */
  readonly filled: boolean
  readonly generated: boolean
  readonly unique: boolean
}

/** The columns of an index that no two rows share. */
interface UniqueIndex {
  readonly name: string
  readonly columns: readonly string[]
}

const COLUMNS = `
  SELECT n.nspname AS "schema", c.relname AS "table", a.attname AS name,
         (a.atthasdef OR a.attidentity <> '') AS filled, (a.attgenerated <> '' OR a.attidentity = 'a') AS generated,
         EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisunique
                    AND a.attnum = ANY(i.indkey::int2[])) AS "unique"
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
   WHERE c.oid = to_regclass($1) ORDER BY a.attnum`

const UNIQUE = `
  SELECT c.relname AS name,
         ARRAY(SELECT a.attname::text FROM pg_attribute a
                WHERE a.attrelid = i.indrelid AND a.attnum = ANY(i.indkey::int2[])) AS columns
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
   WHERE i.indrelid = to_regclass($1) AND i.indisunique`

const SAMPLES = 200

/** `table` as SQL writes it: `messages`, `app."Messages"`. */
export async function insertLike(session: Session, table: string): Promise<InsertMaker | NoRow> {
  const columns = await session.ask<Column>(COLUMNS, [table])
  const [first] = columns
  if (first === undefined) return `${table} is not there, or has no column`
  // What must not come twice is left to the server.
  const given = columns.filter(({generated, unique, filled}) => !generated && !(unique && filled))
  const left = new Set(columns.filter((column) => !given.includes(column)).map(({name}) => name))
  const stuck = (await session.ask<UniqueIndex>(UNIQUE, [table])).find(
    (index) => !index.columns.some((name) => left.has(name)),
  )
  if (stuck !== undefined)
    return `no new row of ${table} can be made, as ${stuck.name} wants values that are not there yet`
  const named = `${escapeIdentifier(first.schema)}.${escapeIdentifier(first.table)}`
  const names = given.map(({name}) => escapeIdentifier(name)).join(', ')
  if (given.length === 0) return makerOf(first, `INSERT INTO ${named} DEFAULT VALUES`, [[]])
  const {rows} = await session.read(`SELECT ${names} FROM ${named} LIMIT ${SAMPLES}`)
  if (rows.length === 0) return `${table} holds no row that could be a model`
  const places = given.map((_, place) => `$${place + 1}`).join(', ')
  return makerOf(first, `INSERT INTO ${named} (${names}) VALUES (${places})`, rows)
}

function makerOf({schema, table}: Column, sql: string, rows: readonly (readonly Value[])[]): InsertMaker {
  return {table: `${schema}.${table}`, sql, values: (n) => rows[n % rows.length] ?? []}
}
