/** What a Postgres says when it does not let us: refused (with the way out), or not to be used at all. */
import {DatabaseError} from 'pg'
import {TargetError, UsageError} from '../../base/errors.js'
import {redact} from '../../base/redact.js'

const WAY_OUT =
  'run your Postgres link through `proofload proxy` and use net.down(proxy=postgres) instead: it needs no privilege'

/** SQLSTATE 53300: the server, the database or the role takes no more sessions (postgresql.org/docs, appendix A). */
const TOO_MANY = '53300'

const HINTS: Readonly<Record<string, string>> = {
  [TOO_MANY]: 'the faults need a few connections of their own: raise max_connections, or let clients go',
  '28P01': 'check user and password in its URL',
  '28000': 'check user, password and pg_hba.conf',
  '3D000': 'check the database name in its URL',
}

const TRUST =
  'name the authority that signed its certificate: sslrootcert=ca.pem in the URL, or NODE_EXTRA_CA_CERTS=ca.pem'

export function codeOf(error: unknown): string | undefined {
  return error instanceof DatabaseError ? error.code : undefined
}

export function isFull(error: unknown): boolean {
  return codeOf(error) === TOO_MANY
}

/** `user` may not do what the fault takes; `need` says what would allow it. */
export function refusal(user: string, what: string, need: string): UsageError {
  return new UsageError(`this Postgres does not let ${user} ${what}: it takes ${need}`, {hint: WAY_OUT})
}

/** Behind a pooler the sessions are the pooler's and not the application's. */
export function pooled(place: string): UsageError {
  return new UsageError(
    `a connection pooler (PgBouncer, Supavisor, RDS Proxy, …) answers at ${place}: a fault would hit its sessions and not those of the application`,
    {hint: `name the server itself instead of the pooler, or ${WAY_OUT}`},
  )
}

/** The server at `place` gives no answer that could be used. */
export function unusable(place: string, cause: unknown): TargetError {
  const why = cause instanceof Error ? cause.message || cause.name : 'unknown'
  const hint = HINTS[codeOf(cause) ?? ''] ?? (/certificate/i.test(why) ? TRUST : 'check that it runs, and its URL')
  return new TargetError(`the Postgres at ${place} cannot be used: ${redact(why)}`, {hint, cause})
}
