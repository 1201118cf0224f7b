/**
 * Rows to be written for a trial: the newest of the table itself are taken out and put back, so that keys, foreign keys, checks and triggers see
 * nothing new, whatever they are. They are taken out unseen by triggers and by tables that refer to them; they are put back as a client would.
 */
import type {Session} from '../../../protocols/postgres/session.js'
import {quoted} from '../advice/ddl.js'
import type {Built} from './trial-ground.js'

export interface Batch {
  readonly rows: number
  /** Of the table, or of the largest partition where it has some: there it happens. */
  readonly oid: string
  /** Of the new indexes on this table. */
  readonly indexes: readonly {readonly oid: string; readonly method: string}[]
  /** Untimed, before `putBack`. */
  readonly takeOut: string
  readonly putBack: string
  /** Gives every row its neighbour's values in the columns that the new indexes read; undefined where all of those are part of a key. */
  readonly change: string | undefined
  /** The same on a small copy of table and indexes with room on its pages, where the server says how much of it stayed in place. */
  readonly changeCopy: string | undefined
}

/** The leaf with most rows; a table without partitions is its own. */
const LEAF = `
  SELECT c.oid::text AS oid, n.nspname AS schema, c.relname AS name
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind = 'r' AND (c.oid = $1::regclass OR c.oid IN (SELECT relid FROM pg_partition_tree($1::regclass)))
  ORDER BY c.reltuples DESC LIMIT 1`

/** Generated columns make themselves. */
const COLUMNS = `
  SELECT attname AS name FROM pg_attribute
  WHERE attrelid = $1::oid AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum`

const INDEXES = `
  SELECT i.indexrelid::text AS oid, a.amname AS method
  FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am a ON a.oid = c.relam
  WHERE i.indrelid = $1::oid AND c.relname = ANY($2)`

/** What the new indexes read, in keys, expressions and predicates, and may take any value of its column. */
const CHANGEABLE = `
  SELECT a.attname AS name FROM pg_attribute a
  WHERE a.attrelid = $1::oid AND a.attgenerated = '' AND a.attidentity = ''
    AND EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = ANY($2::oid[])
      AND d.refclassid = 'pg_class'::regclass AND d.refobjid = a.attrelid AND d.refobjsubid = a.attnum)
    AND NOT EXISTS (SELECT FROM pg_depend d JOIN pg_index i ON i.indexrelid = d.objid OR EXISTS (
        SELECT FROM pg_constraint k WHERE k.oid = d.objid AND k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x'))
      WHERE i.indrelid = a.attrelid AND (i.indisunique OR i.indisexclusion)
        AND d.refclassid = 'pg_class'::regclass AND d.refobjid = a.attrelid AND d.refobjsubid = a.attnum)
  ORDER BY a.attnum`

const ROWS = 'pg_temp.proofload_rows'
export const COPY = 'pg_temp.proofload_copy'
export const DISCARD_ROWS = `DROP TABLE IF EXISTS ${ROWS}`

/** Puts the rows aside in a temporary table. Undefined where the table has none of its own. Rejects with the server's error. */
export async function batchOf(
  session: Session,
  table: string,
  chosen: readonly Built[],
  most: number,
): Promise<Batch | undefined> {
  const [leaf] = await session.ask<{oid: string; schema: string; name: string}>(LEAF, [table])
  if (leaf === undefined) return undefined
  const whole = `${quoted(leaf.schema)}.${quoted(leaf.name)}`
  const names = async (sql: string, ...values: readonly unknown[]) =>
    (await session.ask<{name: string}>(sql, [leaf.oid, ...values])).map(({name}) => quoted(name))
  const columns = (await names(COLUMNS)).join(', ')
  const indexes = await session.ask<Batch['indexes'][number]>(INDEXES, [
    leaf.oid,
    chosen.flatMap((built) => built.names),
  ])
  const changeable = await names(
    CHANGEABLE,
    indexes.map(({oid}) => oid),
  )
  await session.run(`${DISCARD_ROWS}; ${setAside(whole, columns, most)}`)
  const [count] = await session.ask<{rows: number}>(`SELECT count(*)::int AS rows FROM ${ROWS}`)
  const rows = count?.rows ?? 0
  if (rows === 0) return undefined
  return {
    rows,
    oid: leaf.oid,
    indexes,
    takeOut: `
      SET LOCAL session_replication_role = replica;
      DELETE FROM ONLY ${whole} WHERE ctid = ANY(ARRAY(SELECT proofload_place FROM ${ROWS}));
      SET LOCAL session_replication_role = origin`,
    putBack: `INSERT INTO ${whole} (${columns}) OVERRIDING SYSTEM VALUE SELECT ${columns} FROM ${ROWS}`,
    change: changeable.length === 0 ? undefined : changeOf(whole, changeable, rows),
    changeCopy: changeable.length === 0 ? undefined : `${copyOf(whole, columns)}; ${changeOfCopy(changeable, rows)}`,
  }
}

/** Where rows were added last, the next ones go. */
function setAside(whole: string, columns: string, most: number): string {
  return `
    CREATE TEMP TABLE ${ROWS.replace('pg_temp.', '')} AS
    SELECT proofload_place, row_number() OVER ()::int AS proofload_turn, ${columns}
    FROM (SELECT ctid AS proofload_place, ${columns} FROM ONLY ${whole} ORDER BY ctid DESC LIMIT ${most}) newest`
}

function changeOf(whole: string, changeable: readonly string[], rows: number): string {
  return `
    UPDATE ONLY ${whole} t SET ${fromNeighbour(changeable)}
    FROM ${ROWS} m JOIN ${ROWS} neighbour ON neighbour.proofload_turn = m.proofload_turn % ${rows} + 1
    WHERE t.ctid = ANY(ARRAY(SELECT proofload_place FROM ${ROWS})) AND t.ctid = m.proofload_place`
}

/** Without foreign keys and triggers, and with free space on its pages: a table that was just loaded has none. */
function copyOf(whole: string, columns: string): string {
  return `
    CREATE TEMP TABLE proofload_copy (LIKE ${whole} INCLUDING INDEXES INCLUDING GENERATED) WITH (fillfactor = 40);
    INSERT INTO ${COPY} (${columns}) SELECT ${columns} FROM ${ROWS}`
}

function changeOfCopy(changeable: readonly string[], rows: number): string {
  return `
    UPDATE ${COPY} t SET ${fromNeighbour(changeable)}
    FROM (SELECT ctid AS place, row_number() OVER ()::int AS turn FROM ${COPY}) m
      JOIN ${ROWS} neighbour ON neighbour.proofload_turn = m.turn % ${rows} + 1
    WHERE t.ctid = m.place`
}

function fromNeighbour(columns: readonly string[]): string {
  return columns.map((column) => `${column} = neighbour.${column}`).join(', ')
}
