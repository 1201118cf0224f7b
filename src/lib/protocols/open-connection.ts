/** Opens a user's connection over the transport that its protocol speaks. */
import type {ClientOptions} from 'ws'
import type {ChatConnection, Line} from './chat-connection.js'
import {SseConnection} from './sse/connection.js'
import {Connection} from './websocket/connection.js'

export interface Dialled {
  readonly user: number
  readonly url: string
  /** Those of ws, of which an event stream takes what is of HTTP. */
  readonly options: ClientOptions
}

export function openConnection(line: Line, dialled: Dialled): ChatConnection {
  return line.dialect.transport === 'sse' ? new SseConnection(line, dialled) : new Connection(line, dialled)
}
