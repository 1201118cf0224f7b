/** What an error of Postgres says about an insert: not stored for good, not stored for now, or nobody knows. */
import pg from 'pg'
import {StoreAway} from './store.js'

/**
 * The server ends the connection (57P01 to 57P05) or the connection broke (class 08): the insert may have been committed before.
 * Source: https://www.postgresql.org/docs/17/errcodes-appendix.html
 */
const CUT_OFF = /^(08|57P)/
/** Not now: resources, locks, timeouts, read-only mode, conflicts with others, the system. The insert was rolled back. */
const NOT_NOW = /^(25|40|53|55|57|58)/

/** The error to throw instead. What the server did not say itself is an error of the connection, and leaves the outcome open. */
export function notSaved(error: unknown): Error {
  const message = error instanceof Error ? error.message : String(error)
  const state = error instanceof pg.DatabaseError ? (error.code ?? '') : undefined
  if (state === undefined || CUT_OFF.test(state)) return new StoreAway(message, false, error)
  return NOT_NOW.test(state) ? new StoreAway(message, true, error) : (error as Error)
}

/** The insert was rolled back because a row has a time for which there is no partition: a check violation that names no constraint. */
export function lacksPartition(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === '23514' && error.constraint === undefined
}
