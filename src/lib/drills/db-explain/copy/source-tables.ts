/** What the source's catalogue says of the tables that are to be copied. */
import type {Session} from '../../../protocols/postgres/session.js'
import type {TableName} from './copy-facts.js'

export interface SourceColumn {
  readonly name: string
  /** With its schema where that is not pg_catalog. */
  readonly type: string
  /** Where it is not that of its type. */
  readonly collation: {readonly schema: string; readonly name: string} | null
  readonly notNull: boolean
  /** SQL, of a generated column too. */
  readonly value: string | null
  readonly generated: boolean
  readonly identity: 'ALWAYS' | 'BY DEFAULT' | null
  readonly statistics: number | null
  /** `n_distinct=-0.5`. */
  readonly options: readonly string[] | null
}

export interface SourceTable extends TableName {
  readonly oid: number
  /** With its schema, quoted where it must be. */
  readonly path: string
  /** As in pg_class: r table, p partitioned, m materialized view, f foreign, v view. */
  readonly kind: 'r' | 'p' | 'm' | 'f' | 'v'
  readonly partitionKey: string | null
  readonly bound: string | null
  /** Paths. */
  readonly parents: readonly string[]
  /** `fillfactor='70'`. */
  readonly options: readonly string[]
  readonly bytes: number
  readonly readable: boolean
  /** Rows that the role may not see are left out. */
  readonly rowSecurity: boolean
  readonly columns: readonly SourceColumn[]
}

/** Relations that belong to neither the server nor an extension. */
export const OF_THE_USER = (relation: string, catalogue: string) => `
  ${relation}.oid NOT IN (SELECT objid FROM pg_depend WHERE classid = '${catalogue}'::regclass AND deptype = 'e')`

export const USER_SCHEMA = (schema: string) => `${schema} !~ '^pg_' AND ${schema} <> 'information_schema'`

/** Servers keep options for themselves here, as 15.20 does with pg_attver, which others refuse: only those that plans depend on are taken along. */
const COLUMNS = `
  SELECT coalesce(json_agg(json_build_object(
           'name', a.attname,
           'type', format_type(a.atttypid, a.atttypmod),
           'collation', CASE WHEN a.attcollation <> t.typcollation THEN (
              SELECT json_build_object('schema', n.nspname, 'name', l.collname)
                FROM pg_collation l JOIN pg_namespace n ON n.oid = l.collnamespace WHERE l.oid = a.attcollation) END,
           'notNull', a.attnotnull,
           'value', pg_get_expr(d.adbin, d.adrelid),
           'generated', a.attgenerated <> '',
           'identity', CASE a.attidentity WHEN 'a' THEN 'ALWAYS' WHEN 'd' THEN 'BY DEFAULT' END,
           'statistics', CASE WHEN a.attstattarget >= 0 THEN a.attstattarget END,
           'options', (SELECT json_agg(o) FROM unnest(a.attoptions) o WHERE o LIKE 'n\\_distinct%')) ORDER BY a.attnum), '[]')
    FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
   WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped`

/** Parents before children. What a view stands on comes along, and so does the rest of a family of tables. */
const TABLES = `
  WITH RECURSIVE wanted (oid) AS (
    SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p', 'm', 'f', 'v') AND ${USER_SCHEMA('n.nspname')} AND ${OF_THE_USER('c', 'pg_class')}
       AND ($1::jsonb IS NULL OR jsonb_build_object('schema', n.nspname, 'name', c.relname) IN (SELECT jsonb_array_elements($1::jsonb)))
    UNION
    SELECT other.oid FROM wanted w CROSS JOIN LATERAL (
      SELECT inhparent AS oid FROM pg_inherits WHERE inhrelid = w.oid
      UNION ALL SELECT inhrelid FROM pg_inherits WHERE inhparent = w.oid
      UNION ALL SELECT d.refobjid FROM pg_rewrite r
        JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid AND d.refclassid = 'pg_class'::regclass
       WHERE r.ev_class = w.oid AND d.refobjid <> w.oid) AS other
  ), depth (oid, level) AS (
    SELECT w.oid, 0 FROM wanted w
    UNION ALL
    SELECT i.inhrelid, d.level + 1 FROM depth d JOIN pg_inherits i ON i.inhparent = d.oid
  )
  SELECT c.oid, n.nspname AS schema, c.relname AS name, format('%I.%I', n.nspname, c.relname) AS path,
         c.relkind AS kind,
         CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END AS "partitionKey",
         CASE WHEN c.relispartition THEN pg_get_expr(c.relpartbound, c.oid) END AS bound,
         ARRAY(SELECT format('%I.%I', pn.nspname, p.relname) FROM pg_inherits i JOIN pg_class p ON p.oid = i.inhparent
                 JOIN pg_namespace pn ON pn.oid = p.relnamespace WHERE i.inhrelid = c.oid ORDER BY i.inhseqno) AS parents,
         ARRAY(SELECT format('%I=%L', o.option_name, o.option_value) FROM pg_options_to_table(c.reloptions) o
                WHERE o.option_name IN ('fillfactor', 'parallel_workers', 'toast_tuple_target')) AS options,
         CASE WHEN c.relkind IN ('r', 'm') THEN pg_table_size(c.oid) ELSE 0 END::float8 AS bytes,
         has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT') AS readable,
         row_security_active(c.oid) AS "rowSecurity",
         (${COLUMNS}) AS columns
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE c.oid IN (SELECT oid FROM wanted) AND ${USER_SCHEMA('n.nspname')} AND c.relkind IN ('r', 'p', 'm', 'f', 'v')
   ORDER BY (SELECT max(level) FROM depth d WHERE d.oid = c.oid), n.nspname, c.relname`

/** In a transaction whose search path is pg_catalog alone, so that all names come with their schema. */
export async function readTables(
  source: Session,
  wanted: readonly TableName[] | undefined,
): Promise<readonly SourceTable[]> {
  const names = wanted?.map(({schema, name}) => ({schema, name}))
  return source.ask<SourceTable>(TABLES, [names === undefined ? null : JSON.stringify(names)])
}
