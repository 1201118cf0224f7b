/** One virtual user's connection, whatever it is made of: it opens, enters its room, publishes, and tells its listener what came. */
import type {IncomingMessage} from 'node:http'
import type {RawData} from 'ws'
import type {StampReader} from './stamp.js'
import type {Dialect, Who} from './websocket/dialect.js'

export type Stage = 'connecting' | 'entering' | 'in' | 'closed'

/** How a connection ended, or why it never began. */
export interface Ending {
  /** What it had reached. */
  readonly stage: Stage
  /** WebSocket close code; 1006 without a close frame, 1000 for an event stream that ended in order. */
  readonly code: number
  /** Short and countable: `status-503`, `ECONNREFUSED`, `join-refused`, `code-1011`. */
  readonly reason: string
  /** It was turned down, or given up by `abandon`, rather than cut off. */
  readonly refused: boolean
}

/** An HTTP answer that is not the one asked for. */
export type Answer = Pick<IncomingMessage, 'statusCode' | 'headers'>

export interface ChatConnection {
  /** Index of the virtual user. */
  readonly user: number
  readonly stage: Stage
  /** Index of the entrance's step whose answer it waits for. */
  readonly step: number
  /** The subprotocol that was agreed on; empty where there is none. */
  readonly protocol: string
  /** Sends one message; returns the {{id}} it carries, unique on this connection. */
  publish(body: string, sequence: number): number
  /** Leaves and closes in order. */
  depart(): void
  /** Closes without a frame to leave. */
  close(code: number): void
  /** Ends an attempt or a connection at once; `reason` is told as its ending. */
  abandon(reason: string): void
  /** Ends at once. */
  terminate(): void
  /** Says what the protocol has for keeping a quiet connection open. */
  keepAlive(): void
  /** The same, by what the transport has for it. */
  ping(): void
  on(event: 'open', listener: () => void): unknown
  on(event: 'message', listener: (data: RawData, isBinary: boolean) => void): unknown
  on(event: 'unexpected-response', listener: (request: unknown, answer: Answer) => void): unknown
  once(event: 'close', listener: () => void): unknown
}

export interface ConnectionListener {
  entered(connection: ChatConnection): void
  stamp(connection: ChatConnection, publisher: number, sequence: number, due: number): void
  /** `id` as the protocol tells it; undefined: the oldest that is not acked yet. */
  acked(connection: ChatConnection, id: number | undefined): void
  publishRefused(connection: ChatConnection, id: number | undefined): void
  protocolError(connection: ChatConnection, reason: string): void
  ended(connection: ChatConnection, ending: Ending): void
}

/** What all connections of a worker have in common. */
export interface Line {
  readonly dialect: Dialect
  readonly reader: StampReader
  readonly listener: ConnectionListener
  /** What templates may say of a user; asked for when needed, because 50,000 kept answers are large. */
  who(user: number): Who
}
