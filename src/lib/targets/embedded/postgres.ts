/** Starts a throwaway Postgres for the practice target: a real server, gone with all its data at the end. */
import {randomBytes} from 'node:crypto'
import {startGuarded, type PickPort} from './guarded.js'
import type {EmbeddedService} from './service.js'

export interface PostgresService extends EmbeddedService {
  readonly kind: 'postgres'
  /** Database `proofload` as its owner `practice`, who is no superuser. */
  readonly url: string
  /** The same database as the superuser. */
  readonly adminUrl: string
}

export interface PostgresOptions {
  /** Server settings beside those for speed: `{max_connections: '200'}`. */
  readonly settings?: Readonly<Record<string, string>>
  readonly pickPort?: PickPort
}

/**
 * Starts Postgres under a guardian; takes a few seconds, most of them for making the cluster.
 * @throws Error with the server's last words when it does not start
 */
export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresService> {
  const practicePassword = password()
  const adminPassword = password()
  const settings = options.settings ?? {}
  const guarded = await startGuarded(
    (port) => ({server: 'postgres', port, adminPassword, practicePassword, settings}),
    options.pickPort,
  ).catch((cause: unknown) => {
    throw new Error(`Postgres did not start: ${(cause as Error).message}`, {cause})
  })
  const {port, ready} = guarded
  return {
    kind: 'postgres',
    version: ready.version,
    url: urlOf('practice', practicePassword, port),
    adminUrl: urlOf('postgres', adminPassword, port),
    port,
    pid: ready.pid,
    describe: () => `postgres ${ready.version} on port ${port}`,
    [Symbol.asyncDispose]: () => guarded[Symbol.asyncDispose](),
  }
}

/** No character that a URL or a connection string would have to escape. */
function password(): string {
  return randomBytes(24).toString('hex')
}

/** `sslmode` is said because a PGSSLMODE in the environment would be taken otherwise, and this server has no TLS. */
function urlOf(user: string, secret: string, port: number): string {
  return `postgres://${user}:${secret}@127.0.0.1:${port}/proofload?sslmode=disable`
}
