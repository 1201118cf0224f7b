/** Reads the columns of tables with their types and statistics. */
import type {Session} from '../../../../protocols/postgres/session.js'
import type {ColumnFacts} from '../table-facts.js'
import {ROWS_OF_C, statisticsColumns, statisticsOf, type StatisticsRow} from './statistics.js'

interface ColumnRow
  extends StatisticsRow, Omit<ColumnFacts, keyof StatisticsRow | 'averageWidth' | 'distinct' | 'common'> {
  readonly oid: number
  readonly rows: number | null
}

/**
 * varchar, enums, arrays and ranges have no operator class of their own: they use those of text, anyenum, anyarray and anyrange.
 * The provider of a database's collation is told from Postgres 15 on, the built-in one (`b`, always C) is there from 17 on.
 */
const COLUMNS = `
  WITH RECURSIVE bases(type, base) AS (
    SELECT DISTINCT atttypid, atttypid FROM pg_attribute WHERE attrelid = ANY ($1::oid[]) AND attnum > 0 AND NOT attisdropped
    UNION SELECT bases.type, t.typbasetype FROM bases JOIN pg_type t ON t.oid = bases.base WHERE t.typtype = 'd')
  SELECT a.attrelid AS oid, a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type,
         format_type(t.oid, NULL) AS "baseType", t.typcategory::text AS category,
         t.typcategory IN ('A', 'E', 'R') OR t.oid = 'varchar'::regtype OR EXISTS (
           SELECT FROM pg_opclass o JOIN pg_am am ON am.oid = o.opcmethod
            WHERE am.amname = 'btree' AND o.opcdefault AND o.opcintype = t.oid) AS ordered,
         a.attgenerated = 'v' AS virtual, a.attnotnull AS "notNull",
         coalesce(CASE
           WHEN l.collname = 'default' THEN d.settings->>'datlocprovider' = 'b' OR (
             coalesce(d.settings->>'datlocprovider', 'c') <> 'i' AND d.settings->>'datcollate' IN ('C', 'POSIX'))
           ELSE l.collprovider = 'b' OR l.collcollate IN ('C', 'POSIX') END, false) AS "collatedAsC",
         ${ROWS_OF_C} AS rows, ${statisticsColumns('s')}
    FROM pg_attribute a
    JOIN pg_class c ON c.oid = a.attrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN bases ON bases.type = a.atttypid
    JOIN pg_type t ON t.oid = bases.base AND t.typtype <> 'd'
    LEFT JOIN pg_collation l ON l.oid = a.attcollation
    LEFT JOIN (SELECT to_jsonb(pg_database) AS settings FROM pg_database WHERE datname = current_database()) d ON true
    LEFT JOIN pg_stats s ON s.schemaname = n.nspname AND s.tablename = c.relname AND s.attname = a.attname
     AND s.inherited = (c.relkind = 'p')
   WHERE a.attrelid = ANY ($1::oid[]) AND a.attnum > 0 AND NOT a.attisdropped
   ORDER BY a.attrelid, a.attnum`

export async function readColumns(
  session: Session,
  oids: readonly number[],
): Promise<ReadonlyMap<number, readonly ColumnFacts[]>> {
  const rows = await session.ask<ColumnRow>(COLUMNS, [oids])
  const columns = new Map<number, ColumnFacts[]>()
  for (const row of rows) {
    const {name, type, baseType, category, ordered, virtual, notNull, collatedAsC} = row
    const facts = {
      name,
      type,
      baseType,
      category,
      ordered,
      virtual,
      notNull,
      collatedAsC,
      ...statisticsOf(row, row.rows),
    }
    columns.set(row.oid, [...(columns.get(row.oid) ?? []), facts])
  }
  return columns
}
