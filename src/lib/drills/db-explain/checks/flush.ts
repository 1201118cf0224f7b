/** Makes the server count what a session has done; until then its numbers are up to a minute old. */
import type {Clock} from '../../../base/clock.js'
import type {Ms} from '../../../base/units.js'
import type {Session} from '../../../protocols/postgres/session.js'

/** Before version 15 a process told a collector what it had done, at most twice a second. */
const COLLECTED_WITHIN: Ms = 1200
const SHARED_SINCE = 150_000

/** In the session that did the work, outside a transaction. */
export async function flushCounts(session: Session, clock: Clock, signal?: AbortSignal): Promise<void> {
  const [server] = await session.ask<{version: number}>(`SELECT current_setting('server_version_num')::int AS version`)
  if ((server?.version ?? 0) >= SHARED_SINCE) {
    await session.ask('SELECT pg_stat_force_next_flush()')
    return
  }
  await clock.sleep(COLLECTED_WITHIN, signal)
  // A process tells at the end of a statement, if it has not done so for half a second.
  await session.ask('SELECT 1')
  await clock.sleep(COLLECTED_WITHIN, signal)
}
