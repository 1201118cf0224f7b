/** Greets a Postgres: its version, whether we are its superuser, and whether we see what others do. */
import {Client} from 'pg'
import type {Clock} from '../../../base/clock.js'
import {formatDuration} from '../../../base/format-units.js'
import {type Greeted, PATIENCE} from './greeting.js'

/** Superusers and members of pg_read_all_stats see the queries of all others in pg_stat_activity. */
const QUESTION = `
  SELECT version() AS version,
         current_user AS "user",
         current_setting('is_superuser') = 'on' AS superuser,
         pg_has_role(current_user, 'pg_read_all_stats', 'USAGE') AS stats,
         (SELECT count(*)::int FROM pg_stat_activity) AS sessions`

interface Answer {
  readonly version: string
  readonly user: string
  readonly superuser: boolean
  readonly stats: boolean
  readonly sessions: number
}

/** The address was checked when the name was; pg reads the whole string by itself, TLS settings included. */
export async function greetPostgres(url: string, _address: string, clock: Clock): Promise<Greeted> {
  const client = new Client({
    connectionString: url,
    connectionTimeoutMillis: PATIENCE,
    query_timeout: PATIENCE,
    application_name: 'proofload doctor',
  })
  client.on('error', () => undefined)
  const start = clock.now()
  try {
    await client.connect()
    const {rows} = await client.query<Answer>(QUESTION)
    const [answer] = rows
    if (answer === undefined) throw new Error('it answered nothing')
    return greeting(answer, clock.now() - start)
  } finally {
    await client.end().catch(() => undefined)
  }
}

export function greeting({version, user, superuser, stats, sessions}: Answer, ms: number): Greeted {
  const name = /^\w+ [\w.]+/.exec(version)?.[0] ?? version
  const sees = superuser || stats
  const value = [
    `${name} in ${formatDuration(ms)}`,
    superuser ? `${user} is superuser` : `${user} is no superuser`,
    sees ? `sees all ${sessions} sessions in pg_stat_activity` : 'sees only its own sessions in pg_stat_activity',
  ].join(' · ')
  if (sees) return {state: 'ok', value}
  const command = `GRANT pg_read_all_stats TO "${user.replaceAll('"', '""')}";`
  return {state: 'warning', value, remedies: [{what: 'to let it see what others do, as a superuser', command}]}
}
