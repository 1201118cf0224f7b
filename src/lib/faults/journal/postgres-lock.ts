/** The lock on a Postgres database: an advisory lock of a session, so that it is gone when the session is. */
import type {InjectorKit} from '../injector.js'
import {borrowControl, type PgControl, returnControl} from '../postgres/control.js'
import type {PgSession} from '../postgres/session.js'
import {heldElsewhere, type ServerLock} from './server-lock.js'

/** Any number will do, as long as nobody else uses it: the letters of `proofld` in ASCII. */
const KEY = '31651020327513188'

const HOLDER = `
  SELECT a.application_name AS name, coalesce(a.client_addr::text, 'local') AS address, a.backend_start::text AS since
    FROM pg_locks l JOIN pg_stat_activity a USING (pid)
   WHERE l.locktype = 'advisory' AND l.granted AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
     AND (l.classid::bigint << 32) | l.objid::bigint = $1::bigint`

/** One lock. Throws a UsageError that says who holds it. */
export async function lockPostgres(kit: InjectorKit): Promise<ServerLock[]> {
  const control = await borrowControl(kit)
  let session: PgSession | undefined
  const release = async () => {
    await session?.end()
    await returnControl(kit.ground)
  }
  try {
    session = await control.another()
    const [row] = await session.ask<{taken: boolean}>('SELECT pg_try_advisory_lock($1::bigint) AS taken', [KEY])
    if (row?.taken !== true) throw await isHeld(control)
    return [{lastFor: () => Promise.resolve(), release}]
  } catch (error) {
    await release()
    throw error
  }
}

async function isHeld(control: PgControl): Promise<Error> {
  const rows = await control.ask<{name: string; address: string; since: string}>(HOLDER, [KEY]).catch(() => [])
  const [holder] = rows
  const who = holder && `the session '${holder.name}' from ${holder.address}, since ${holder.since}`
  return heldElsewhere(
    `postgres ${control.place}`,
    who ?? `a session holds the advisory lock ${KEY}`,
    'wait for it or end it; its lock goes with its session',
  )
}
