/** All indexes of the user's tables as far as it takes to tell which of them are needless. */
import type {Bytes, Ms} from '../../../../base/units.js'
import type {Session} from '../../../../protocols/postgres/session.js'

export interface IndexFacts {
  readonly oid: number
  readonly schema: string
  readonly table: string
  readonly name: string
  /** `public.messages_room_idx`, quoted where it must be. */
  readonly quoted: string
  readonly method: string
  /** Each with operator class and collation: `room_id 1978 0`; expressions as SQL. */
  readonly keys: readonly string[]
  /** Of each key: 1 for descending, 2 for nulls first, added up. */
  readonly options: readonly number[]
  readonly include: readonly string[]
  readonly predicate: string | null
  readonly unique: boolean
  /** Something relies on it: a constraint, a foreign key, the replica identity, or a clustering. */
  readonly needed: boolean
  readonly valid: boolean
  /** Of a partitioned table; its parts are counted in. */
  readonly partitioned: boolean
  readonly scans: number
  readonly bytes: Bytes
}

export interface IndexUse {
  readonly indexes: readonly IndexFacts[]
  /** For how long uses have been counted; null where the server does not tell. */
  readonly countedForMs: Ms | null
  /** Uses on a standby are not counted here. */
  readonly hasStandby: boolean
}

/** A part of a partitioned index cannot be dropped by itself, so that it stands in its whole. */
const INDEXES = `
  WITH RECURSIVE parts AS (
    SELECT x.indexrelid AS whole, x.indexrelid AS part
      FROM pg_index x JOIN pg_class c ON c.oid = x.indexrelid WHERE NOT c.relispartition
     UNION ALL
    SELECT parts.whole, h.inhrelid FROM parts JOIN pg_inherits h ON h.inhparent = parts.part
  ), counted AS (
    SELECT whole, sum(pg_stat_get_numscans(part))::float8 AS scans, sum(pg_relation_size(part))::float8 AS bytes
      FROM parts GROUP BY whole
  )
  SELECT i.oid::int8::float8 AS oid, n.nspname AS "schema", t.relname AS "table", i.relname AS name,
         format('%I.%I', n.nspname, i.relname) AS quoted, m.amname AS method,
         ARRAY(SELECT pg_get_indexdef(x.indexrelid, k, true) || ' ' || (x.indclass::oid[])[k - 1] || ' ' || (x.indcollation::oid[])[k - 1]
                 FROM generate_series(1, x.indnkeyatts) AS k ORDER BY k) AS keys,
         ARRAY(SELECT unnest(x.indoption::int2[])::int) AS options,
         ARRAY(SELECT pg_get_indexdef(x.indexrelid, k, true)
                 FROM generate_series(x.indnkeyatts + 1, x.indnatts) AS k ORDER BY 1) AS include,
         pg_get_expr(x.indpred, x.indrelid) AS predicate, x.indisunique AS "unique",
         (x.indisprimary OR x.indisexclusion OR x.indisreplident OR x.indisclustered
           OR EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = x.indexrelid)) AS needed,
         x.indisvalid AS valid, i.relkind = 'I' AS partitioned, counted.scans, counted.bytes
    FROM pg_index x
    JOIN counted ON counted.whole = x.indexrelid
    JOIN pg_class i ON i.oid = x.indexrelid
    JOIN pg_class t ON t.oid = x.indrelid
    JOIN pg_namespace n ON n.oid = t.relnamespace
    JOIN pg_am m ON m.oid = i.relam
   WHERE t.relkind IN ('r', 'p', 'm') AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
   ORDER BY n.nspname, t.relname, i.relname`

/** NULL where the counts were never set back: since when they are counted is not kept. */
const SINCE = `
  SELECT (extract(epoch FROM now() - stats_reset) * 1000)::float8 AS "countedForMs",
         EXISTS (SELECT FROM pg_stat_replication) AS "hasStandby"
    FROM pg_stat_database WHERE datname = current_database()`

export async function readIndexUse(session: Session): Promise<IndexUse> {
  await session.ask('SELECT pg_stat_clear_snapshot()')
  const indexes = await session.ask<IndexFacts>(INDEXES)
  const [since] = await session.ask<Omit<IndexUse, 'indexes'>>(SINCE)
  return {indexes, countedForMs: since?.countedForMs ?? null, hasStandby: since?.hasStandby ?? false}
}
