/** Copies the messages of one shard into its archive, each exactly once, soon after they are committed. */
import type {ClientBase} from 'pg'
import {ARCHIVE_BATCH} from './limits.js'

/**
 * From where on nothing is archived, and up to where it may be: a later transaction may still be under way, or become visible after one with a
 * higher id. A batch ends between two transactions.
 */
const READY = {
  name: 'archive-ready',
  text: `
    with bounds as (
      select done, pg_snapshot_xmin(pg_current_snapshot()) as settled,
             (select tx from messages, archive_progress where tx >= done order by tx offset $1 limit 1) as enough
      from archive_progress)
    select done, least(settled, enough) as until, coalesce(enough < settled, false) as more,
           exists (select from messages where tx >= done and tx < least(settled, enough)) as any
    from bounds`,
}

/** Rows and progress go together; the primary key keeps a row from being there twice even so. */
const COPY = {
  name: 'archive-batch',
  text: `
    with progress as (update archive_progress set done = $2::xid8 where done = $1::xid8 returning done)
    insert into archived_messages (id, room, sender, body, at)
    select id, room, sender, body, at from messages, progress where tx >= $1::xid8 and tx < $2::xid8
    on conflict do nothing`,
}

const PASS_OVER = {name: 'archive-pass-over', text: 'update archive_progress set done = $2::xid8 where done = $1::xid8'}

interface Ready {
  readonly done: string
  readonly until: string
  /** There is another batch after this one. */
  readonly more: boolean
  readonly any: boolean
}

export class Archiver {
  /** Messages that this node has copied. */
  archived = 0
  /** A defect: whether the next batch is passed over. */
  skips: (() => boolean) | undefined

  /** Copies all that is ready by now. */
  async tend(client: ClientBase): Promise<void> {
    for (let more = true; more;) more = await this.#next(client)
  }

  async #next(client: ClientBase): Promise<boolean> {
    const {rows} = await client.query<Ready>({...READY, values: [ARCHIVE_BATCH]})
    const ready = rows[0]
    if (ready?.any !== true) return false
    const skipped = this.skips?.() === true
    const {rowCount} = await client.query({...(skipped ? PASS_OVER : COPY), values: [ready.done, ready.until]})
    if (!skipped) this.archived += rowCount ?? 0
    return ready.more
  }
}
