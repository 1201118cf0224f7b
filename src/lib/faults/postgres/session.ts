/** One session of ours: marked by its application name, gone from the server soon after we are, however we go. */
import {Client} from 'pg'
import type {Ms} from '../../base/units.js'
import {codeOf} from './refusal.js'

const PATIENCE: Ms = 3000
/** A session that does not end by then is cut. */
const END_WITHIN: Ms = 1000

/** By the server version from which they exist: a dead host is noticed in 6 s, and no limit of the role or database ends the session. */
const SETTINGS: readonly (readonly [since: number, name: string, value: string])[] = [
  [0, 'tcp_keepalives_idle', '3'],
  [0, 'tcp_keepalives_interval', '1'],
  [0, 'tcp_keepalives_count', '3'],
  [0, 'statement_timeout', '5s'],
  [0, 'default_transaction_read_only', 'off'],
  // What we set back stays set back when the server crashes a moment later, also one that is told not to wait for its disk.
  [90_600, 'synchronous_commit', 'local'],
  [90_600, 'idle_in_transaction_session_timeout', '0'],
  [120_000, 'tcp_user_timeout', '6s'],
  [140_000, 'client_connection_check_interval', '2s'],
  [140_000, 'idle_session_timeout', '0'],
  [170_000, 'transaction_timeout', '0'],
]

/** What a session of ours sets at its start; `version` as in `server_version_num`. */
function settingsFor(version: number): string {
  return SETTINGS.filter(([since]) => version >= since)
    .map(([, name, value]) => `SET ${name} = '${value}'`)
    .join('; ')
}

export interface SessionOptions {
  readonly url: string
  /** The application name. */
  readonly mark: string
  /** `server_version_num`, when it is known already. */
  readonly version?: number
}

export class PgSession {
  readonly #client: Client
  #open = false
  #last: Promise<unknown> = Promise.resolve()

  constructor({url, mark}: SessionOptions) {
    this.#client = new Client({
      connectionString: withoutName(url),
      application_name: mark,
      connectionTimeoutMillis: PATIENCE,
      query_timeout: PATIENCE,
      keepAlive: true,
    })
    this.#client.on('error', () => (this.#open = false))
    this.#client.on('end', () => (this.#open = false))
  }

  /** Rejects with the server's error, or with the socket's. */
  static async open(options: SessionOptions): Promise<PgSession> {
    const session = new PgSession(options)
    try {
      await session.#start(options.version)
      return session
    } catch (error) {
      session.cut()
      throw error
    }
  }

  get isOpen(): boolean {
    return this.#open
  }

  /** As the other end named it when it greeted us. */
  get pid(): number {
    // Not in the types, but that by which pg itself cancels a query.
    return (this.#client as unknown as {processID: number | null}).processID ?? 0
  }

  /** Rejects with the server's error; a session that gives no answer within 3 s is cut. */
  async ask<Row extends object>(sql: string, values: readonly unknown[] = []): Promise<readonly Row[]> {
    const {rows} = await this.#answer(() => this.#client.query<Row>(sql, [...values]))
    return rows
  }

  /** Statements that take no values; several with `;` between them. */
  async run(sql: string): Promise<void> {
    await this.#answer(() => this.#client.query(sql))
  }

  /** Never rejects. */
  async end(): Promise<void> {
    if (!this.#open) {
      this.cut()
      return
    }
    this.#open = false
    const cut = setTimeout(() => this.cut(), END_WITHIN)
    await this.#client.end().catch(() => undefined)
    clearTimeout(cut)
  }

  /** At once, without a word: the server ends the session when it sees the socket closed. */
  cut(): void {
    this.#open = false
    const {connection} = this.#client as unknown as {connection: {stream: {destroy(): void}}}
    connection.stream.destroy()
  }

  /** One after the other: pg takes no query while another one runs. */
  async #answer<Answer>(query: () => Promise<Answer>): Promise<Answer> {
    const answer = this.#last.then(query)
    this.#last = answer.catch(() => undefined)
    try {
      return await answer
    } catch (error) {
      if (codeOf(error) === undefined) this.cut()
      throw error
    }
  }

  async #start(known: number | undefined): Promise<void> {
    await this.#client.connect()
    this.#open = true
    const version = known ?? (await this.#version())
    await this.run(settingsFor(version))
  }

  async #version(): Promise<number> {
    const [row] = await this.ask<{server_version_num: string}>('SHOW server_version_num')
    return Number(row?.server_version_num ?? 0)
  }
}

/** A name in the URL would win over our mark. */
function withoutName(text: string): string {
  if (!URL.canParse(text)) return text
  const url = new URL(text)
  if (!url.searchParams.has('application_name')) return text
  url.searchParams.delete('application_name')
  return url.toString()
}
