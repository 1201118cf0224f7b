/** One virtual user's WebSocket: it opens, enters its room, publishes, and tells its listener what came. */
import type {ClientRequest, IncomingMessage} from 'node:http'
import {WebSocket, type ClientOptions} from 'ws'
import type {StampListener, StampReader} from '../stamp.js'
import type {Dialect, Who} from './dialect.js'
import {numberAfter} from './match.js'

export type Stage = 'connecting' | 'entering' | 'in' | 'closed'

/** How a connection ended, or why it never began. */
export interface Ending {
  /** What it had reached. */
  readonly stage: Stage
  /** WebSocket close code; 1006 without a close frame. */
  readonly code: number
  /** Short and countable: `status-503`, `ECONNREFUSED`, `join-refused`, `code-1011`. */
  readonly reason: string
  /** It was turned down, or given up by `abandon`, rather than cut off. */
  readonly refused: boolean
}

export interface ConnectionListener {
  entered(connection: Connection): void
  stamp(connection: Connection, publisher: number, sequence: number, due: number): void
  /** `id` as the protocol tells it; undefined: the oldest that is not acked yet. */
  acked(connection: Connection, id: number | undefined): void
  publishRefused(connection: Connection, id: number | undefined): void
  protocolError(connection: Connection, reason: string): void
  ended(connection: Connection, ending: Ending): void
}

/** What all connections of a worker have in common. */
export interface Line {
  readonly dialect: Dialect
  readonly reader: StampReader
  readonly listener: ConnectionListener
  /** What templates may say of a user; asked for when needed, because 50,000 kept answers are large. */
  who(user: number): Who
}

/** Extends the socket itself, and shares its handlers, because 50,000 of them must be small. */
export class Connection extends WebSocket implements StampListener {
  /** Index of the virtual user. */
  readonly user: number
  readonly line: Line
  stage: Stage = 'connecting'
  #step = 0
  #failure: string | undefined
  #abandoned = false
  #lastId = 0

  constructor(line: Line, {user, url, options}: {user: number; url: string; options: ClientOptions}) {
    super(url, line.dialect.subprotocols, options)
    this.user = user
    this.line = line
    this.on('open', onOpen)
    this.on('message', onMessage)
    this.on('close', onClose)
    this.on('error', onError)
    this.on('unexpected-response', onUnexpectedResponse)
  }

  /** Sends one message; returns the {{id}} it carries, unique on this connection. */
  publish(body: string, sequence: number): number {
    const id = ++this.#lastId
    this.send(this.line.dialect.publish.fill({...this.line.who(this.user), id, body, sequence}))
    return id
  }

  /** Ends an attempt or a connection at once; `reason` is told as its ending. */
  abandon(reason: string): void {
    this.#abandoned = true
    this.#failure ??= reason
    this.terminate()
  }

  /** Closes in order: a frame to leave where there is one, then the closing handshake. */
  depart(): void {
    if (this.readyState !== WebSocket.OPEN) return this.terminate()
    const {leave} = this.line.dialect
    if (leave && this.stage === 'in') this.send(leave.fill(this.line.who(this.user)))
    this.close(1000)
  }

  keepAlive(): void {
    const {keepAlive} = this.line.dialect
    if (!keepAlive || this.readyState !== WebSocket.OPEN) return
    if (keepAlive.send === 'ping') this.ping()
    else this.send(keepAlive.send.fill(this.line.who(this.user)))
  }

  /** Says the next things of the entrance, up to one that waits for its answer. */
  proceed(): void {
    const {entrance} = this.line.dialect
    for (let asking = entrance[this.#step]; asking; asking = entrance[++this.#step]) {
      if (asking.send) this.send(asking.send.fill(this.line.who(this.user)))
      if (asking.until) return
    }
    this.stage = 'in'
    this.line.listener.entered(this)
  }

  /** An answer while entering; true when it was the one waited for. */
  answers(frame: Buffer): boolean {
    const asking = this.line.dialect.entrance[this.#step]
    if (this.#abandoned || !asking?.until?.(frame)) return false
    this.#step++
    this.proceed()
    return true
  }

  stamp(publisher: number, sequence: number, due: number): void {
    this.line.listener.stamp(this, publisher, sequence, due)
  }

  broken(): void {
    this.line.listener.protocolError(this, 'broken-stamp')
  }

  /** The first reason is the one that counts. */
  failed(reason: string): void {
    this.#failure ??= reason
  }

  finished(code: number): void {
    const {stage} = this
    if (this.#failure === undefined && wasCutShort(this)) this.line.listener.protocolError(this, 'half-frame')
    this.stage = 'closed'
    const reason = this.#failure ?? (stage === 'connecting' ? 'closed-during-handshake' : `code-${code}`)
    this.line.listener.ended(this, {stage, code, reason, refused: this.#abandoned})
  }
}

/** `ws` calls every listener with the socket itself as `this`. */
function connectionOf(socket: WebSocket): Connection {
  if (socket instanceof Connection) return socket
  throw new TypeError('this listener belongs to a Connection')
}

function onOpen(this: WebSocket): void {
  const connection = connectionOf(this)
  connection.stage = 'entering'
  connection.proceed()
}

function onMessage(this: WebSocket, data: WebSocket.RawData, isBinary: boolean): void {
  hear(connectionOf(this), data as Buffer, isBinary)
}

function onClose(this: WebSocket, code: number): void {
  connectionOf(this).finished(code)
}

function onError(this: WebSocket, error: Error & {code?: string}): void {
  const reason = error.code ?? error.message
  const connection = connectionOf(this)
  connection.failed(reason)
  if (!reason.startsWith('WS_ERR_')) return
  connection.line.listener.protocolError(connection, reason)
  // Nothing more is read from it, and `ws` would wait 30 s for the peer to close.
  this.terminate()
}

/**
 * The peer ended its side in the middle of a frame or of a fragmented message, which `ws` passes over in silence; its
 * receiver and socket know, and are private, so that a test holds this against every version of `ws`.
 */
function wasCutShort(socket: WebSocket): boolean {
  const {_receiver: receiver, _socket: stream} = socket as unknown as Innards
  if (!receiver || !stream?.readableEnded) return false
  return receiver._bufferedBytes > 0 || receiver._state !== 0 || receiver._fragmented !== 0
}

interface Innards {
  readonly _receiver?: {readonly _bufferedBytes: number; readonly _state: number; readonly _fragmented: number} | null
  readonly _socket?: {readonly readableEnded: boolean} | null
}

function onUnexpectedResponse(this: WebSocket, request: ClientRequest, response: IncomingMessage): void {
  connectionOf(this).failed(`status-${response.statusCode ?? 0}`)
  request.destroy()
  this.terminate()
}

/**
 * Acks are looked for before stamps, because an ack may carry the message that it acks; yet not while entering, when nothing
 * was sent and the answer to the join may look the same. That answer may carry what was said before.
 */
function hear(connection: Connection, frame: Buffer, isBinary: boolean): void {
  const {dialect, reader, listener} = connection.line
  if (connection.stage === 'in' && dialect.ack?.when(frame)) return listener.acked(connection, idIn(connection, frame))
  const stamped = reader.read(frame, connection) > 0
  if (connection.stage === 'entering' && connection.answers(frame)) return
  if (!stamped && !hearOther(connection, frame) && isBinary) listener.protocolError(connection, 'binary-frame')
}

/** False when it is no frame that the protocol knows. */
function hearOther(connection: Connection, frame: Buffer): boolean {
  const {dialect, listener} = connection.line
  const answer = dialect.answers.find(({when}) => when(frame))
  if (answer) connection.send(answer.send)
  else if (dialect.refused?.(frame)) {
    if (connection.stage === 'entering') connection.abandon('join-refused')
    else listener.publishRefused(connection, idIn(connection, frame))
  } else if (dialect.error?.(frame)) listener.protocolError(connection, 'error-frame')
  else return false
  return true
}

function idIn({line}: Connection, frame: Buffer): number | undefined {
  const idAfter = line.dialect.ack?.idAfter
  return idAfter && numberAfter(frame, idAfter)
}
