/** Server settings of a Postgres in which plans and times are looked at: room for all data, and nothing that disturbs. */
import type {Bytes} from '../../../base/units.js'

const MIB = 1024 * 1024
/** A scan of more than a quarter of the buffers goes through a ring of a few of them, and finds nothing there the next time. */
const LEAST_BUFFERS: Bytes = 128 * MIB
/** Of the machine's memory. */
const LARGEST_SHARE = 0.25

export interface ExpectedSize {
  /** Of the data, without indexes. */
  readonly data: Bytes
  readonly machineMemory: Bytes
}

/**
 * Commits wait for their WAL to be written (not to be synced): until then no row is marked as visible to all, and VACUUM would pass it by.
 * Autovacuum would begin in the midst of a measurement; what it does is done once, after loading. Without archiving, a table that is filled in
 * the transaction that made it is not written twice. Planner settings are those of a server on an SSD.
 */
export function laboratorySettings({data, machineMemory}: ExpectedSize): Readonly<Record<string, string>> {
  const buffers = Math.min(Math.max(LEAST_BUFFERS, 2 * data), LARGEST_SHARE * machineMemory)
  return {
    shared_buffers: megabytes(buffers),
    effective_cache_size: megabytes(Math.max(buffers, machineMemory / 2)),
    maintenance_work_mem: '128MB',
    work_mem: '16MB',
    random_page_cost: '1.1',
    max_wal_size: '4GB',
    checkpoint_timeout: '1h',
    synchronous_commit: 'on',
    wal_level: 'minimal',
    max_wal_senders: '0',
    autovacuum: 'off',
    track_io_timing: 'on',
    shared_preload_libraries: 'pg_stat_statements',
  }
}

function megabytes(bytes: Bytes): string {
  return `${Math.ceil(bytes / MIB)}MB`
}
