/** One virtual user's WebSocket: it opens, enters its room, publishes, and tells its listener what came. */
import {WebSocket, type ClientOptions} from 'ws'
import type {Answer, ChatConnection, Line, Stage} from '../chat-connection.js'
import type {StampListener} from '../stamp.js'
import type {Who} from './dialect.js'
import {ClientSocket} from './client-socket.js'
import {eachPart, numberAfter} from './match.js'

/** Extends the socket itself, and shares its handlers, because 50,000 of them must be small. */
export class Connection extends ClientSocket implements ChatConnection, StampListener {
  /** Index of the virtual user. */
  readonly user: number
  readonly line: Line
  stage: Stage = 'connecting'
  #step = 0
  #failure: string | undefined
  #abandoned = false
  #lastId = 0
  #who: Who | undefined

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
    const {publish} = this.line.dialect
    if (!publish) throw new Error('a protocol over websocket publishes by a frame')
    // A token may have to be a fresh one; anything else is asked for once, by those who speak.
    const who = publish.names.includes('token') ? this.line.who(this.user) : (this.#who ??= this.line.who(this.user))
    this.sendTogether(publish.fill({...who, id, body, sequence}))
    return id
  }

  /** Ends an attempt or a connection at once; `reason` is told as its ending. */
  abandon(reason: string): void {
    this.#abandoned = true
    this.#failure ??= reason
    this.terminate()
  }

  /** What still arrives then is no longer listened to. */
  get isAbandoned(): boolean {
    return this.#abandoned
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
    if (!asking?.until?.(frame)) return false
    this.#step++
    this.proceed()
    return true
  }

  /** Index of the entrance's step whose answer it waits for. */
  get step(): number {
    return this.#step
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
  const connection = connectionOf(this)
  if (connection.isAbandoned) return
  const {split} = connection.line.dialect
  if (split) eachPart(data as Buffer, split, (part) => hear(connection, part, isBinary))
  else hear(connection, data as Buffer, isBinary)
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

function onUnexpectedResponse(this: WebSocket, _: unknown, {statusCode = 0}: Answer): void {
  connectionOf(this).failed(`status-${statusCode}`)
  this.terminate()
}

/**
 * Refusals come first, because they may look like an ack and carry the message that they turn down; acks before stamps, because an
 * ack may carry the message that it acks; yet not while entering, when nothing was sent and the answer to the join may look
 * the same. That answer may carry what was said before.
 */
function hear(connection: Connection, frame: Buffer, isBinary: boolean): void {
  const {dialect, reader, listener} = connection.line
  if (dialect.refused?.(frame)) return refused(connection, frame)
  if (connection.stage === 'in' && isAck(connection, frame)) return
  const stamped = reader.read(frame, connection) > 0
  if (connection.stage === 'entering' && connection.answers(frame)) return
  if (!stamped && !hearOther(connection, frame) && isBinary) listener.protocolError(connection, 'binary-frame')
}

/** What looks like an ack but lacks the id that every ack carries is the answer to something else. */
function isAck(connection: Connection, frame: Buffer): boolean {
  const {ack} = connection.line.dialect
  if (!ack?.when(frame)) return false
  const id = idIn(connection, frame)
  if (ack.idAfter && id === undefined) return false
  connection.line.listener.acked(connection, id)
  return true
}

function refused(connection: Connection, frame: Buffer): void {
  if (connection.stage === 'entering') connection.abandon('join-refused')
  else connection.line.listener.publishRefused(connection, idIn(connection, frame))
}

/** False when it is no frame that the protocol knows. */
function hearOther(connection: Connection, frame: Buffer): boolean {
  const {dialect, listener} = connection.line
  const answer = dialect.answers.find(({when}) => when(frame))
  if (answer) connection.send(answer.send)
  else if (dialect.error?.(frame)) listener.protocolError(connection, 'error-frame')
  else return false
  return true
}

function idIn({line}: Connection, frame: Buffer): number | undefined {
  const idAfter = line.dialect.ack?.idAfter
  return idAfter && numberAfter(frame, idAfter)
}
