/** Reads the statistics of expressions: those of indexes, and from Postgres 14 on those of CREATE STATISTICS. */
import type {Session} from '../../../../protocols/postgres/session.js'
import {canonical} from '../conditions/tree.js'
import type {ExpressionFacts} from '../table-facts.js'
import {ROWS_OF_C, statisticsColumns, statisticsOf, type StatisticsRow} from './statistics.js'

interface ExpressionRow extends StatisticsRow {
  readonly oid: number
  readonly sql: string
  readonly rows: number | null
}

/** pg_stats tells an index as if it were a table, with a column for each key. */
const OF_INDEXES = `
  SELECT i.indrelid AS oid, pg_get_indexdef(i.indexrelid, a.attnum, false) AS sql, ${ROWS_OF_C} AS rows, ${statisticsColumns('s')}
    FROM pg_index i
    JOIN pg_class c ON c.oid = i.indrelid
    JOIN pg_class ic ON ic.oid = i.indexrelid
    JOIN pg_namespace n ON n.oid = ic.relnamespace
    JOIN pg_attribute a ON a.attrelid = i.indexrelid AND i.indkey[a.attnum - 1] = 0
    JOIN pg_stats s ON s.schemaname = n.nspname AND s.tablename = ic.relname AND s.attname = a.attname
   WHERE i.indrelid = ANY ($1::oid[]) AND i.indexprs IS NOT NULL`

const OF_STATISTICS = `
  SELECT c.oid, s.expr AS sql, ${ROWS_OF_C} AS rows, ${statisticsColumns('s')}
    FROM pg_stats_ext_exprs s
    JOIN pg_namespace n ON n.nspname = s.schemaname
    JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = s.tablename
   WHERE c.oid = ANY ($1::oid[])`

const HAS_EXPRESSION_STATISTICS = `SELECT to_regclass('pg_catalog.pg_stats_ext_exprs') IS NOT NULL AS yes`

export async function readExpressions(
  session: Session,
  oids: readonly number[],
): Promise<ReadonlyMap<number, readonly ExpressionFacts[]>> {
  const rows = [...(await session.ask<ExpressionRow>(OF_INDEXES, [oids]))]
  const [has] = await session.ask<{yes: boolean}>(HAS_EXPRESSION_STATISTICS)
  if (has?.yes === true) rows.push(...(await session.ask<ExpressionRow>(OF_STATISTICS, [oids])))
  const expressions = new Map<number, ExpressionFacts[]>()
  for (const row of rows) {
    const facts = {sql: canonical(row.sql), ...statisticsOf(row, row.rows)}
    expressions.set(row.oid, [...(expressions.get(row.oid) ?? []), facts])
  }
  return expressions
}
