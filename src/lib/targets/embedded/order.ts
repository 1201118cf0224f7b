/** What a guardian is told to start, and what it reports back: one JSON line each way. */

/** A server that is one process in the foreground and answers `INFO server` on its port. */
export interface RedisOrder {
  readonly server: 'redis'
  readonly command: string
  readonly args: readonly string[]
  readonly port: number
}

export interface PostgresOrder {
  readonly server: 'postgres'
  readonly port: number
  readonly adminPassword: string
  readonly practicePassword: string
  /** Server settings, `name` to `value`, as in postgresql.conf. */
  readonly settings: Readonly<Record<string, string>>
}

export type Order = RedisOrder | PostgresOrder

/** The server runs. */
export interface Ready {
  readonly pid: number
  readonly version: string
  /** The private directory, which the guardian removes at the end. */
  readonly directory: string
}

export type Report = {readonly ready: Ready} | {readonly failed: string}
