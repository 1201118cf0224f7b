/** What the catalogue says of each table's upkeep, and at which numbers autovacuum would step in. */
import type {Session} from '../../../../protocols/postgres/session.js'

export interface TableUpkeep {
  /** `schema.table`. */
  readonly table: string
  /** Quoted where it must be, for DDL. */
  readonly quoted: string
  /** As the catalogue estimates. */
  readonly rows: number
  readonly pages: number
  readonly dead: number
  readonly inserted: number
  /** Share of its pages that index-only scans must look at. */
  readonly unseen: number
  readonly modified: number
  /** Numbers of changed rows; null where autovacuum does not look at it. */
  readonly vacuumAt: number
  readonly insertVacuumAt: number | null
  readonly analyzeAt: number
  readonly autovacuum: boolean
  /** The planner has statistics of at least one of its columns, or it was found to be empty, or we may not see them. */
  readonly hasStatistics: boolean
  /** Transactions since its oldest row was frozen, and at how many it is frozen whatever it costs. */
  readonly age: number
  readonly freezeAt: number
  /** Pages that its rows need by their average width; null where that is not known. */
  readonly neededPages: number | null
}

/**
 * Thresholds: https://www.postgresql.org/docs/18/routine-vacuuming.html#AUTOVACUUM
 *   dead rows      min(autovacuum_vacuum_max_threshold, autovacuum_vacuum_threshold + scale · rows)
 *   inserted rows  autovacuum_vacuum_insert_threshold + scale · rows (from 18 on: of the pages that are not frozen)
 *   changed rows   autovacuum_analyze_threshold + scale · rows
 * each with the table's own settings in front. A setting that a server does not know is NULL.
 * Pages: rows · (line pointer 4 + header 24 + width, aligned to 8) / (8192 − 24) / fillfactor.
 */
const TABLES = `
  WITH own AS (
    SELECT c.oid, greatest(c.reltuples, 0)::float8 AS rows, c.reltuples, c.relpages, c.relallvisible, c.relfrozenxid,
           CASE WHEN to_jsonb(c) ? 'relallfrozen' AND c.relpages > 0
                THEN 1 - least((to_jsonb(c) ->> 'relallfrozen')::float8 / c.relpages, 1) ELSE 1 END AS unfrozen,
           coalesce((SELECT jsonb_object_agg(o.option_name, o.option_value) FROM pg_options_to_table(c.reloptions) o), '{}') AS options
      FROM pg_class c WHERE c.relkind IN ('r', 'm')
  ), width AS (
    SELECT schemaname, tablename, sum(avg_width * (1 - null_frac)) AS bytes, count(*) AS columns
      FROM pg_stats WHERE NOT inherited GROUP BY 1, 2
  )
  SELECT s.schemaname || '.' || s.relname AS "table", format('%I.%I', s.schemaname, s.relname) AS quoted,
         c.rows, c.relpages::float8 AS pages, s.n_dead_tup::float8 AS dead, s.n_ins_since_vacuum::float8 AS inserted,
         greatest(0, 1 - c.relallvisible / greatest(pg_relation_size(c.oid) / current_setting('block_size')::float8, 1)) AS unseen,
         s.n_mod_since_analyze::float8 AS modified,
         CASE WHEN max_dead >= 0 THEN least(max_dead, dead_base + dead_scale * c.rows) ELSE dead_base + dead_scale * c.rows END AS "vacuumAt",
         CASE WHEN insert_base >= 0 THEN insert_base + insert_scale * c.rows * c.unfrozen END AS "insertVacuumAt",
         change_base + change_scale * c.rows AS "analyzeAt",
         (current_setting('autovacuum')::boolean AND coalesce((c.options ->> 'autovacuum_enabled')::boolean, true)) AS autovacuum,
         (w.bytes IS NOT NULL OR (c.reltuples = 0 AND current_setting('server_version_num')::int >= 140000)
           OR NOT has_table_privilege(c.oid, 'SELECT') OR row_security_active(c.oid)) AS "hasStatistics",
         age(c.relfrozenxid)::float8 AS age,
         least(coalesce((c.options ->> 'autovacuum_freeze_max_age')::float8, 'Infinity'), current_setting('autovacuum_freeze_max_age')::float8) AS "freezeAt",
         CASE WHEN w.columns = (SELECT count(*) FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)
              THEN ceil(c.rows * (28 + ceil(w.bytes / 8) * 8) / (8168 * coalesce((c.options ->> 'fillfactor')::float8, 100) / 100))::float8
         END AS "neededPages"
    FROM pg_stat_user_tables s
    JOIN own c ON c.oid = s.relid
    LEFT JOIN width w ON w.schemaname = s.schemaname AND w.tablename = s.relname
   CROSS JOIN LATERAL (SELECT
     coalesce(c.options ->> 'autovacuum_vacuum_threshold', current_setting('autovacuum_vacuum_threshold'))::float8 AS dead_base,
     coalesce(c.options ->> 'autovacuum_vacuum_scale_factor', current_setting('autovacuum_vacuum_scale_factor'))::float8 AS dead_scale,
     coalesce(c.options ->> 'autovacuum_vacuum_max_threshold', current_setting('autovacuum_vacuum_max_threshold', true), '-1')::float8 AS max_dead,
     coalesce(c.options ->> 'autovacuum_vacuum_insert_threshold', current_setting('autovacuum_vacuum_insert_threshold'))::float8 AS insert_base,
     coalesce(c.options ->> 'autovacuum_vacuum_insert_scale_factor', current_setting('autovacuum_vacuum_insert_scale_factor'))::float8 AS insert_scale,
     coalesce(c.options ->> 'autovacuum_analyze_threshold', current_setting('autovacuum_analyze_threshold'))::float8 AS change_base,
     coalesce(c.options ->> 'autovacuum_analyze_scale_factor', current_setting('autovacuum_analyze_scale_factor'))::float8 AS change_scale
   ) AS settings
   ORDER BY 1`

export async function readUpkeep(session: Session): Promise<readonly TableUpkeep[]> {
  await session.ask('SELECT pg_stat_clear_snapshot()')
  return session.ask<TableUpkeep>(TABLES)
}
