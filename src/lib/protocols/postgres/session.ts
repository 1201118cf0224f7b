/** One session on a Postgres that knows which server process it talks to, and when it is over. */
import {DatabaseError, type Client, type Submittable} from 'pg'
import type {Ms} from '../../base/units.js'
import {isFinal, reasonOf} from './trouble.js'

/** A session that does not end by then is cut. */
const END_WITHIN: Ms = 1000
/** The server gives up first, so that a batch which takes too long is known to be rolled back. */
const SERVER_SHARE = 0.8

/** One server process; its number alone may be given to another one later. */
export interface Backend {
  readonly pid: number
  readonly startedAt: string
}

/** Values in Postgres' text form. */
export interface RawRows {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly (string | null)[])[]
}

const AS_WRITTEN = {getTypeParser: () => (text: string) => text}

const WHO = `
  SELECT pid, backend_start::text AS "startedAt" FROM pg_stat_activity WHERE pid = pg_backend_pid()`

export class Session {
  /** Resolves with the reason once it is over; never rejects. */
  readonly ended: Promise<string>
  readonly #client: Client
  #reason: string | undefined
  #open = true
  #backend: Backend | undefined

  private constructor(client: Client) {
    this.#client = client
    client.on('error', (error) => (this.#reason ??= reasonOf(error)))
    this.ended = new Promise((resolve) => {
      client.once('end', () => {
        this.#open = false
        resolve(this.#reason ?? 'closed')
      })
    })
  }

  /** Rejects with the server's error, or with the socket's. */
  static async open(client: Client, timeoutMs: Ms): Promise<Session> {
    const session = new Session(client)
    try {
      await client.connect()
      await session.#greet(timeoutMs)
      return session
    } catch (error) {
      session.cut()
      throw error
    }
  }

  get isOpen(): boolean {
    return this.#open
  }

  /** Undefined behind a pooler, where it may be another one with every statement, and somebody else's. */
  get backend(): Backend | undefined {
    return this.#backend
  }

  /** Rejects with the server's error, or when the session is lost; one that gives no answer in time is cut. Never a named statement: poolers lose them. */
  async ask<Row extends object>(sql: string, values: readonly unknown[] = []): Promise<readonly Row[]> {
    return this.#answer(async () => (await this.#client.query<Row>(sql, [...values])).rows)
  }

  /** The rows as the server wrote them, nothing parsed, all of them read; of one statement, also without values; rejects as `ask` does. */
  async read(sql: string, values: readonly (string | null)[] = []): Promise<RawRows> {
    // Only the extended protocol refuses a second statement behind a `;`; the types do not know its name.
    const query = {text: sql, values: [...values], rowMode: 'array' as const, types: AS_WRITTEN, queryMode: 'extended'}
    return this.#answer(async () => {
      const {fields, rows} = await this.#client.query<(string | null)[]>(query)
      return {columns: fields.map(({name}) => name), rows}
    })
  }

  /** Statements that take no values; several with `;` between them are one transaction. */
  async run(sql: string): Promise<void> {
    await this.#answer(() => this.#client.query(sql))
  }

  /** Begins what reads or writes the connection itself, a COPY stream, which tells its own end and errors; `timeoutMs` in place of the session's own. */
  stream<Query extends Submittable & NodeJS.EventEmitter>(query: Query, timeoutMs: Ms): Query {
    // Both are not in the types: node-postgres takes the timeout from the query, and waits for its callback to stop the timer.
    const begun: Query & {callback?: () => void} = this.#client.query(Object.assign(query, {query_timeout: timeoutMs}))
    begun.once('close', () => begun.callback?.())
    return begun
  }

  /** Never rejects. */
  async end(): Promise<void> {
    const cut = setTimeout(() => this.cut(), END_WITHIN)
    await this.#client.end().catch(() => undefined)
    clearTimeout(cut)
    this.cut()
  }

  /** At once, without a word. */
  cut(): void {
    this.#open = false
    // Not in the types; `end` alone would wait for the query that is under way.
    const {connection} = this.#client as unknown as {connection: {stream: {destroy(): void}}}
    connection.stream.destroy()
  }

  async #answer<Answer>(query: () => Promise<Answer>): Promise<Answer> {
    try {
      return await query()
    } catch (error) {
      if (!(error instanceof DatabaseError) || isFinal(error)) {
        this.#reason ??= reasonOf(error)
        this.cut()
      }
      throw error
    }
  }

  /** A pooler greets with a number of its own, as it has no server process yet. What is set in a session behind it would stay for others. */
  async #greet(timeoutMs: Ms): Promise<void> {
    const [backend] = await this.ask<Backend>(WHO)
    const {processID} = this.#client as unknown as {processID: number | null}
    if (backend?.pid !== processID) return
    this.#backend = backend
    await this.ask(`SELECT set_config('statement_timeout', $1, false)`, [String(Math.ceil(SERVER_SHARE * timeoutMs))])
  }
}
