/** Reads what the catalogue and its statistics say of tables; needs no right on them, but without it there are no statistics. Postgres 13 to 18. */
import type {Session} from '../../../../protocols/postgres/session.js'
import {loadGrammar} from '../conditions/tree.js'
import type {Partition, TableFacts, TableKind} from '../table-facts.js'
import {readColumns} from './read-columns.js'
import {readExpressions} from './read-expressions.js'
import {readIndexes} from './read-indexes.js'

/** As plans name them. */
export interface TableName {
  readonly schema: string
  readonly name: string
}

interface TableRow {
  readonly oid: number
  readonly schema: string
  readonly name: string
  readonly kind: string
  readonly partitions: readonly Partition[] | null
  readonly rows: number | null
  readonly bytes: number | null
  readonly visible: number | null
  readonly inserts: number | null
  readonly updates: number | null
  readonly hotUpdates: number | null
  readonly deletes: number | null
}

const KINDS: Readonly<Record<string, TableKind>> = {
  r: 'table',
  p: 'partitioned',
  m: 'materialized-view',
  v: 'view',
  f: 'foreign',
}

/** A partition is told by the whole that it belongs to. Before Postgres 14 a table that was never analysed looks like an empty one. */
const TABLES = `
  WITH asked AS (
    SELECT DISTINCT coalesce(pg_partition_root(c.oid)::oid, c.oid) AS oid
      FROM unnest($1::text[], $2::text[]) AS a(schema, name)
      JOIN pg_namespace n ON n.nspname = a.schema
      JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = a.name),
  parts AS (
    SELECT asked.oid, t.relid::oid AS part, t.isleaf, t.parentrelid::oid AS parent, t.level FROM asked, pg_partition_tree(asked.oid) t WHERE t.relid <> asked.oid
    UNION ALL
    SELECT asked.oid, asked.oid, c.relkind <> 'p', NULL, 0 FROM asked JOIN pg_class c USING (oid)),
  sums AS (
    SELECT parts.oid,
           sum(c.reltuples) FILTER (WHERE c.reltuples > 0 OR (c.reltuples = 0
             AND (c.relpages > 0 OR current_setting('server_version_num')::int >= 140000)))::float8 AS rows,
           sum(pg_table_size(c.oid))::float8 AS bytes,
           (sum(c.relallvisible)::float8 / nullif(sum(c.relpages), 0))::float8 AS visible,
           sum(s.n_tup_ins)::float8 AS inserts, sum(s.n_tup_upd)::float8 AS updates,
           sum(s.n_tup_hot_upd)::float8 AS "hotUpdates", sum(s.n_tup_del)::float8 AS deletes
      FROM parts JOIN pg_class c ON c.oid = parts.part LEFT JOIN pg_stat_all_tables s ON s.relid = c.oid
     WHERE parts.isleaf AND c.relkind IN ('r', 'm', 'p') GROUP BY parts.oid)
  SELECT c.oid, n.nspname AS schema, c.relname AS name, c.relkind::text AS kind,
         (SELECT json_agg(json_build_object('schema', pn.nspname, 'name', pc.relname,
                    'kind', CASE pc.relkind WHEN 'p' THEN 'partitioned' WHEN 'f' THEN 'foreign' ELSE 'table' END,
                    'parent', json_build_object('schema', un.nspname, 'name', uc.relname))
                  ORDER BY parts.level, pn.nspname, pc.relname)
            FROM parts JOIN pg_class pc ON pc.oid = parts.part JOIN pg_namespace pn ON pn.oid = pc.relnamespace
            JOIN pg_class uc ON uc.oid = parts.parent JOIN pg_namespace un ON un.oid = uc.relnamespace
           WHERE parts.oid = c.oid AND parts.part <> c.oid) AS partitions,
         sums.rows, sums.bytes, sums.visible, sums.inserts, sums.updates, sums."hotUpdates", sums.deletes
    FROM asked JOIN pg_class c USING (oid) JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN sums ON sums.oid = c.oid
   ORDER BY n.nspname, c.relname`

/** A table that is not there is left out. Rejects with the server's error. */
export async function readTableFacts(session: Session, tables: readonly TableName[]): Promise<readonly TableFacts[]> {
  await loadGrammar()
  const names = [tables.map(({schema}) => schema), tables.map(({name}) => name)]
  const rows = await session.ask<TableRow>(TABLES, names)
  const oids = rows.map(({oid}) => oid)
  const columns = await readColumns(session, oids)
  const indexes = await readIndexes(session, oids)
  const expressions = await readExpressions(session, oids)
  return rows.map((row) => ({
    oid: row.oid,
    schema: row.schema,
    name: row.name,
    kind: KINDS[row.kind] ?? 'other',
    partitions: row.partitions ?? [],
    rows: row.rows ?? undefined,
    bytes: row.bytes ?? 0,
    allVisible: Math.min(1, row.visible ?? 0),
    columns: columns.get(row.oid) ?? [],
    indexes: indexes.get(row.oid) ?? [],
    expressions: expressions.get(row.oid) ?? [],
    writes: writesOf(row),
  }))
}

/** Of a partition: those of the whole; undefined where they were not read. */
export function factsOf(facts: readonly TableFacts[], {schema, name}: TableName): TableFacts | undefined {
  const isIt = (one: TableName): boolean => one.schema === schema && one.name === name
  return facts.find(isIt) ?? facts.find(({partitions}) => partitions.some(isIt))
}

function writesOf({inserts, updates, hotUpdates, deletes}: TableRow): TableFacts['writes'] {
  return {inserts: inserts ?? 0, updates: updates ?? 0, hotUpdates: hotUpdates ?? 0, deletes: deletes ?? 0}
}
