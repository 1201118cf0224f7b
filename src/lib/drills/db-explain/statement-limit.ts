/** Gives the statements of a session less time than it has of itself. */
import {DatabaseError} from 'pg'
import type {Ms} from '../../base/units.js'
import type {Session} from '../../protocols/postgres/session.js'

/** The server gave the statement up: https://www.postgresql.org/docs/17/errcodes-appendix.html */
export const CANCELLED = '57014'

export function isCancelled(error: unknown): boolean {
  return error instanceof DatabaseError && error.code === CANCELLED
}

/** Each statement of `work` gets at most so long, and never longer than the session gives it anyway. Undefined changes nothing. */
export async function limited<Answer>(
  session: Session,
  limitMs: Ms | undefined,
  work: () => Promise<Answer>,
): Promise<Answer> {
  if (limitMs === undefined) return await work()
  const [row] = await session.ask<{own: number}>(
    `SELECT setting::float8 AS own FROM pg_catalog.pg_settings WHERE name = 'statement_timeout'`,
  )
  const own = row?.own ?? 0
  if (own > 0 && own <= limitMs) return await work()
  await set(session, Math.max(1, Math.ceil(limitMs)))
  try {
    return await work()
  } finally {
    // In a transaction that has failed nothing can be set, and rolling it back sets it as it was.
    if (session.isOpen) await set(session, own).catch(() => undefined)
  }
}

async function set(session: Session, limitMs: Ms): Promise<void> {
  await session.ask(`SELECT set_config('statement_timeout', $1, false)`, [String(limitMs)])
}
