/** Connections to one shard, made anew when they are lost. */
import pg from 'pg'
import type {Ms} from '../../base/units.js'

export function poolOf(url: string, {max, timeoutMs}: {max: number; timeoutMs: Ms}): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max,
    application_name: 'proofload-practice',
    connectionTimeoutMillis: timeoutMs,
    // The server gives up first, so that a timeout of ours almost always means that the link is dead.
    statement_timeout: 0.8 * timeoutMs,
    query_timeout: timeoutMs,
    idleTimeoutMillis: 0,
    keepAlive: true,
  })
  // A lost connection shows in the query that is under way, or in the next one, and in /health.
  pool.on('error', () => undefined)
  pool.on('connect', (client) => client.on('error', () => undefined))
  return pool
}
