/** Watches a Postgres through its statistics views, as any user may read them. */
import type {ConnectionOptions} from 'node:tls'
import {Client, type ClientConfig} from 'pg'
import type {Certificates} from '../protocols/tls.js'
import {sampleOf, type Sample} from './resource.js'
import {Increases} from './increase.js'
import type {ServerSpec} from './spec.js'
import {pemsOf, PATIENCE, WATCHER_NAME, type Watcher, type WatcherKit} from './watcher.js'

/**
 * One look. Whose session it is may always be seen; what it does only by its own role, a superuser, or a member of pg_read_all_stats, so
 * that `active` is left out while there is a session that may not be seen. Locks that are waited for may be seen by all.
 */
const LOOK = `
  WITH sessions AS (
    SELECT state, backend_type IS NULL AS hidden
      FROM pg_catalog.pg_stat_activity
     WHERE pid <> pg_catalog.pg_backend_pid()
       AND (backend_type = 'client backend' OR (backend_type IS NULL AND usesysid IS NOT NULL AND datid IS NOT NULL))
  ), standbys AS (
    SELECT count(*) AS known, max(extract(epoch FROM replay_lag)) * 1000 AS lag
      FROM pg_catalog.pg_stat_replication WHERE state IS NOT NULL
  )
  SELECT (SELECT count(*) FROM sessions)::float8 AS connections,
         pg_catalog.current_setting('max_connections')::float8 AS max_connections,
         (SELECT CASE WHEN bool_or(hidden) THEN NULL ELSE count(*) FILTER (WHERE state = 'active') END FROM sessions)::float8 AS active,
         (SELECT count(DISTINCT pid) FROM pg_catalog.pg_locks WHERE NOT granted)::float8 AS waiting,
         xact_commit::float8 AS commits, xact_rollback::float8 AS rollbacks, deadlocks::float8 AS deadlocks,
         blks_hit::float8 AS hits, blks_read::float8 AS reads,
         CASE WHEN pg_catalog.pg_is_in_recovery() THEN NULL
              ELSE pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_insert_lsn(), '0/0') END::float8 AS wal,
         CASE WHEN NOT pg_catalog.pg_is_in_recovery() THEN (SELECT CASE WHEN known > 0 THEN coalesce(lag, 0) END FROM standbys)
              WHEN pg_catalog.pg_last_wal_receive_lsn() = pg_catalog.pg_last_wal_replay_lsn() THEN 0
              ELSE extract(epoch FROM pg_catalog.now() - pg_catalog.pg_last_xact_replay_timestamp()) * 1000 END::float8 AS lag
    FROM pg_catalog.pg_stat_database WHERE datname = pg_catalog.current_database()`

/** Set after connecting, as poolers refuse unknown settings at the start. */
const READ_ONLY = `SET default_transaction_read_only = on; SET statement_timeout = ${PATIENCE}; SET lock_timeout = ${PATIENCE}`

type Row = Readonly<
  Record<
    | 'connections'
    | 'max_connections'
    | 'active'
    | 'waiting'
    | 'commits'
    | 'rollbacks'
    | 'deadlocks'
    | 'hits'
    | 'reads'
    | 'wal'
    | 'lag',
    number | null
  >
>

class PostgresWatcher implements Watcher {
  readonly name: string
  readonly #increases: Increases
  #client: Client | undefined
  #closed = false

  constructor(
    private readonly spec: ServerSpec,
    private readonly kit: WatcherKit,
  ) {
    this.name = spec.name
    this.#increases = new Increases(kit.clock)
  }

  async sample(): Promise<Sample> {
    const client = this.#client ?? (await this.#connect())
    try {
      const {rows} = await client.query<Row>(LOOK)
      return this.#sampleOf(rows[0])
    } catch (error) {
      this.#drop(client)
      throw error
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    const client = this.#client
    if (client === undefined) return
    this.#client = undefined
    const cut = setTimeout(() => cutOff(client), 500)
    await client.end().catch(() => undefined)
    clearTimeout(cut)
  }

  async #connect(): Promise<Client> {
    const client = new Client(optionsOf(this.spec.url, this.kit))
    client.on('error', () => this.#drop(client))
    try {
      await client.connect()
      await client.query(READ_ONLY)
    } catch (error) {
      cutOff(client)
      throw error
    }
    if (this.#closed) cutOff(client)
    else this.#client = client
    return client
  }

  #drop(client: Client): void {
    cutOff(client)
    if (this.#client === client) this.#client = undefined
  }

  #sampleOf(row: Row | undefined): Sample {
    const value = (column: keyof Row) => row?.[column] ?? undefined
    const [connections, most] = [value('connections'), value('max_connections')]
    const grew = (column: keyof Row) => this.#increases.perSecond(column, value(column))
    const [hits, reads] = [grew('hits'), grew('reads')]
    const asked = (hits ?? 0) + (reads ?? 0)
    return sampleOf({
      connections,
      connections_used: connections !== undefined && most !== undefined ? connections / most : undefined,
      active: value('active'),
      waiting_on_locks: value('waiting'),
      commits: grew('commits'),
      rollbacks: grew('rollbacks'),
      deadlocks: grew('deadlocks'),
      cache_hit: hits !== undefined && asked > 0 ? hits / asked : undefined,
      wal_bytes: grew('wal'),
      replication_lag: value('lag'),
    })
  }
}

function optionsOf(text: string, {certificates}: WatcherKit): ClientConfig {
  const url = new URL(text)
  url.searchParams.delete('application_name')
  const ssl = ours(url, certificates)
  if (ssl !== undefined) for (const name of ['sslmode', 'ssl']) url.searchParams.delete(name)
  return {
    connectionString: url.toString(),
    application_name: WATCHER_NAME,
    connectionTimeoutMillis: PATIENCE,
    query_timeout: PATIENCE,
    keepAlive: true,
    ...(ssl === undefined ? {} : {ssl}),
  }
}

/** The certificates of the command line count where the URL asks for TLS and names none of its own. */
function ours({searchParams}: URL, {ca, cert, key, insecure}: Certificates): ConnectionOptions | undefined {
  const asksForTls = /^(require|verify-ca|verify-full|true|1)$/.test(
    searchParams.get('sslmode') ?? searchParams.get('ssl') ?? '',
  )
  const isGiven = ca !== undefined || cert !== undefined || insecure
  if (!asksForTls || !isGiven || searchParams.has('sslrootcert')) return undefined
  return {rejectUnauthorized: !insecure, ...pemsOf({ca, cert, key})}
}

/** At once, without a word; the types of pg do not name its socket. */
function cutOff(client: Client): void {
  const {connection} = client as unknown as {connection: {stream: {destroy(): void}}}
  connection.stream.destroy()
}

export function watchPostgres(spec: ServerSpec, kit: WatcherKit): Watcher {
  return new PostgresWatcher(spec, kit)
}
