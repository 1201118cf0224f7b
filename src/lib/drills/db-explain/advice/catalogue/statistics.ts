/** One row of pg_stats as statistics: shares multiplied out, NULL as undefined. */
import type {Statistics} from '../table-facts.js'

export interface StatisticsRow {
  readonly width: number | null
  readonly distinct: number | null
  readonly nulls: number | null
  readonly correlation: number | null
  readonly values: readonly string[] | null
  readonly shares: readonly number[] | null
}

/** Columns of a StatisticsRow from the view pg_stats, or one made like it. */
export function statisticsColumns(view: string): string {
  return `${view}.avg_width::float8 AS width, ${view}.n_distinct::float8 AS distinct, ${view}.null_frac::float8 AS nulls,
    ${view}.correlation::float8 AS correlation, ${view}.most_common_vals::text::text[] AS values,
    ${view}.most_common_freqs::float8[] AS shares`
}

/** `rows`: of the table; a negative n_distinct is a share of them. */
export function statisticsOf(row: StatisticsRow, rows: number | null): Statistics {
  return {
    averageWidth: row.width ?? undefined,
    distinct: distinctOf(row.distinct, rows),
    nullShare: row.nulls ?? undefined,
    correlation: row.correlation ?? undefined,
    common: (row.values ?? []).map((value, at) => ({value, share: row.shares?.[at] ?? 0})),
  }
}

/** 0 stands for unknown. */
function distinctOf(distinct: number | null, rows: number | null): number | undefined {
  if (distinct === null || distinct === 0) return undefined
  if (distinct > 0) return distinct
  return rows === null ? undefined : Math.max(1, Math.round(-distinct * rows))
}

/** Rows of a table, as a subquery over pg_class `c`; of a partitioned one those of its leaves. */
export const ROWS_OF_C = `
  (SELECT sum(greatest(leaf.reltuples, 0))::float8 FROM pg_class leaf
    WHERE leaf.oid = c.oid OR (c.relkind = 'p' AND leaf.oid IN (SELECT relid FROM pg_partition_tree(c.oid) WHERE isleaf)))`
