/** Says which tables of a server in use may get a trial index: only those that are small enough and that nobody writes to right now. */
import type {Clock} from '../../../base/clock.js'
import {formatSize} from '../../../base/format-units.js'
import type {Bytes, Ms} from '../../../base/units.js'
import type {Session} from '../../../protocols/postgres/session.js'
import {tableOf} from '../advice/ddl.js'
import type {IndexDesign} from '../advice/index-design.js'

export interface TableLimits {
  /** Larger tables are left alone: building would take, and hold up writers, too long. */
  readonly mostBytes: Bytes
  /** For so long nothing may be written. */
  readonly quietMs: Ms
}

/** The reason why not, or undefined. */
export type TableGuard = (design: Pick<IndexDesign, 'schema' | 'table'>) => Promise<string | undefined>

const WRITES = `
  SELECT relid::text AS oid, (n_tup_ins + n_tup_upd + n_tup_del)::float8 AS writes FROM pg_stat_all_tables`

/** A partitioned table holds nothing itself. */
const PARTS = `
  SELECT c.oid::text AS oid, pg_table_size(c.oid)::float8 AS bytes
  FROM pg_class c
  WHERE c.oid = $1::regclass OR c.oid IN (SELECT relid FROM pg_partition_tree($1::regclass))`

interface Part {
  readonly oid: string
  readonly bytes: Bytes
}

/** Watches all tables for `quietMs`, or until the signal aborts, after which nothing is to be tried; what is asked afterwards is answered from that. */
export async function guardTables(
  session: Session,
  {mostBytes, quietMs}: TableLimits,
  {clock, signal}: {readonly clock: Clock; readonly signal?: AbortSignal | undefined},
): Promise<TableGuard> {
  const earlier = await writesOf(session)
  await clock.sleep(quietMs, signal)
  const later = await writesOf(session)
  const writesTo = ({oid}: Part) => (later.get(oid) ?? 0) - (earlier.get(oid) ?? 0)
  return async (design) => {
    const parts = await session.ask<Part>(PARTS, [tableOf(design)])
    const bytes = parts.reduce((sum, part) => sum + part.bytes, 0)
    if (bytes > mostBytes) {
      return `"${design.table}" has ${formatSize(bytes)}, and only up to ${formatSize(mostBytes)} are tried on a server in use`
    }
    const writes = parts.reduce((sum, part) => sum + writesTo(part), 0)
    if (writes === 0) return undefined
    return `"${design.table}" is in use: ${writes} rows were written within ${quietMs / 1000} s`
  }
}

async function writesOf(session: Session): Promise<ReadonlyMap<string, number>> {
  const rows = await session.ask<{oid: string; writes: number}>(WRITES)
  return new Map(rows.map(({oid, writes}) => [oid, writes]))
}
