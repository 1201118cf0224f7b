/** How many blocks of which table and index were asked for, as the server counts them. */
import type {Ms} from '../../../../base/units.js'
import type {Session} from '../../../../protocols/postgres/session.js'

export interface Blocks {
  /** `schema.table`. */
  readonly table: string
  /** Undefined for the rows themselves, with what is kept out of line. */
  readonly index: string | undefined
  readonly hit: number
  readonly read: number
}

export interface BlockCounts {
  readonly relations: readonly Blocks[]
  /** Of the whole database, catalogues included; the time is counted where track_io_timing is on. */
  readonly readMs: Ms
  readonly timed: boolean
  /** Changes when somebody sets the counts back. */
  readonly resetAt: string | null
}

const RELATIONS = `
  SELECT schemaname || '.' || relname AS "table", NULL AS "index",
         (coalesce(heap_blks_hit, 0) + coalesce(toast_blks_hit, 0) + coalesce(tidx_blks_hit, 0))::float8 AS hit,
         (coalesce(heap_blks_read, 0) + coalesce(toast_blks_read, 0) + coalesce(tidx_blks_read, 0))::float8 AS read
    FROM pg_statio_user_tables
   UNION ALL
  SELECT schemaname || '.' || relname, indexrelname, coalesce(idx_blks_hit, 0)::float8, coalesce(idx_blks_read, 0)::float8
    FROM pg_statio_user_indexes`

const DATABASE = `
  SELECT blk_read_time::float8 AS "readMs", current_setting('track_io_timing')::boolean AS timed,
         stats_reset::text AS "resetAt"
    FROM pg_stat_database WHERE datname = current_database()`

export async function readBlocks(session: Session): Promise<BlockCounts> {
  // Inside a transaction the first look would be shown again.
  await session.ask('SELECT pg_stat_clear_snapshot()')
  const rows = await session.ask<Omit<Blocks, 'index'> & {index: string | null}>(RELATIONS)
  const [database] = await session.ask<Omit<BlockCounts, 'relations'>>(DATABASE)
  return {
    relations: rows.map(({index, ...row}) => ({...row, index: index ?? undefined})),
    ...(database ?? {readMs: 0, timed: false, resetAt: null}),
  }
}

/** What was asked for between two looks; undefined where the counts were set back meanwhile. What was made between them counts from 0. */
export function blocksBetween(before: BlockCounts, after: BlockCounts): readonly Blocks[] | undefined {
  if (before.resetAt !== after.resetAt) return undefined
  const keyOf = ({table, index}: Blocks) => JSON.stringify([table, index ?? null])
  const known = new Map(before.relations.map((one) => [keyOf(one), one]))
  const between = after.relations.map((one) => {
    const old = known.get(keyOf(one))
    return {...one, hit: one.hit - (old?.hit ?? 0), read: one.read - (old?.read ?? 0)}
  })
  return between.some(({hit, read}) => hit < 0 || read < 0)
    ? undefined
    : between.filter(({hit, read}) => hit + read > 0)
}
