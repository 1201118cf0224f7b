/** What an error of Postgres means: whether the statement happened, a short reason that can be counted, and what to try. */
import {DatabaseError} from 'pg'
import {TargetError} from '../../base/errors.js'
import {redact} from '../../base/redact.js'
import {tlsHint} from '../tls.js'

/**
 * The connection broke (class 08), the server ended the session (57P01 to 57P05), or it says itself that it does not know (40003).
 * Source of all codes: https://www.postgresql.org/docs/17/errcodes-appendix.html
 */
const CUT_OFF = /^(08|57P|40003)/
/** Also said by a server that panics while it writes the commit; node-postgres shows only the translated severity. */
const PERHAPS_PANIC = /^(53100|58|XX)/

const HINTS: Readonly<Record<string, string>> = {
  '28P01': 'check user and password in its URL',
  '28000': 'check user, password, sslmode and pg_hba.conf',
  '3D000': 'check the database name in its URL',
  '53300': 'raise max_connections, let other clients go, or use fewer --publishers',
  'no TLS': 'write sslmode=disable or sslmode=prefer in its URL, or switch TLS on in the server',
  timeout: 'check that nothing between us and it drops packets, and its URL',
}

function stateOf(error: unknown): string | undefined {
  return error instanceof DatabaseError ? error.code : undefined
}

/** The session is over with it. */
export function isFinal(error: unknown): boolean {
  return CUT_OFF.test(stateOf(error) ?? '08')
}

/** Whether a statement that ended so certainly did not happen. */
export function outcomeOf(error: unknown): 'failed' | 'unknown' {
  return isFinal(error) || PERHAPS_PANIC.test(stateOf(error) ?? '') ? 'unknown' : 'failed'
}

/** The server has no TLS; node-postgres has only words for it. */
export function isWithoutTls(error: unknown): boolean {
  return error instanceof Error && error.message === 'The server does not support SSL connections'
}

/** SQLSTATE, error code of the socket, or a word. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'error'
  // Node-postgres has only words for these.
  if (/timeout/i.test(error.message) && stateOf(error) === undefined) return 'timeout'
  if (/^Connection terminated|not queryable/.test(error.message)) return 'closed'
  if (isWithoutTls(error)) return 'no TLS'
  const {code} = error as {code?: unknown}
  return typeof code === 'string' ? code : 'error'
}

/** The server at `place` gives no answer that could be used. */
export function unusable(place: string, cause: unknown): TargetError {
  const reason = reasonOf(cause)
  const words = cause instanceof Error ? cause.message : ''
  const why = words === '' || words.includes(reason) ? words || reason : `${words} (${reason})`
  const hint = HINTS[reason] ?? tlsHint(reason) ?? 'check that it runs, and its URL'
  return new TargetError(`the Postgres ${place} cannot be used: ${redact(why)}`, {hint, cause})
}
