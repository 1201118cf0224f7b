/** Looks from a second session whether anybody waits for locks that we hold, and says so at once. */
import type {Clock} from '../../../base/clock.js'
import type {Ms} from '../../../base/units.js'
import type {Session} from '../../../protocols/postgres/session.js'

/** Every role may see this; pg_stat_activity tells of others' waits only to some. */
const WAITING = `
  SELECT count(*)::int AS waiting
  FROM (SELECT DISTINCT pid FROM pg_locks WHERE NOT granted) w
  WHERE $1::int = ANY(pg_blocking_pids(w.pid))`

export interface LockWatch {
  /** Resolves once the last look is over; never rejects. */
  stop(): Promise<void>
}

export interface WatchOrder {
  readonly watcher: Session
  /** Whose locks. */
  readonly pid: number
  readonly everyMs: Ms
  readonly clock: Clock
  /** Called at most once, with a sentence. */
  readonly alarm: (reason: string) => Promise<void>
}

/** One that cannot look any more raises the alarm too: locks are never held unwatched. */
export function watchLocks({watcher, pid, everyMs, clock, alarm}: WatchOrder): LockWatch {
  const over = new AbortController()
  const look = async () => {
    while (!over.signal.aborted) {
      const [row] = await watcher.ask<{waiting: number}>(WAITING, [pid])
      if ((row?.waiting ?? 0) > 0) {
        await alarm('another session waited for a lock of the trial')
        return
      }
      await clock.sleep(everyMs, over.signal)
    }
  }
  const ended = look().catch(() => alarm('the session that watches the locks was lost'))
  return {
    async stop() {
      over.abort()
      await ended
    },
  }
}
