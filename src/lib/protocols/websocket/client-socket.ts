/** A `ws` client that opens with our own handshake; from then on it is any other WebSocket. */
import {connect, type Socket} from 'node:net'
import {WebSocket, type ClientOptions} from 'ws'
import {connectTls} from '../tls.js'
import {inviting, shakeHands} from './handshake.js'

const CLOSE_TIMEOUT_MS = 30_000
/** What `ws` gives its own clients. */
const LIMITS = {
  allowSynchronousEvents: true,
  maxBufferedChunks: 256 * 1024,
  maxFragments: 16 * 1024,
  skipUTF8Validation: false,
}
const MANNERS = {autoPong: true, maxPendingAutoPongs: 60, closeTimeout: CLOSE_TIMEOUT_MS}

/**
 * What `ws` keeps private. Its constructor makes a client only together with a request of node:http; without an address it makes the
 * server's end, which differs in one field. Tests hold all of it against every version of `ws`.
 */
interface Innards {
  _isServer: boolean
  _bufferedAmount: number
  _readyState: number
  _errorEmitted: boolean
  _protocol: string
  /** What `terminate` destroys while connecting. */
  _req: Socket | null
  /** Null before the handshake is over and after the end. */
  _socket: Socket | null
  setSocket(socket: Socket, head: Buffer, limits: object): void
  emitClose(): void
}

/** The constructor as the server end of `ws` calls it. */
const Unconnected = WebSocket as unknown as new (address: null, protocols: undefined, manners: object) => WebSocket

/**
 * Emits what a WebSocket of `ws` does; `unexpected-response` with the socket in place of a request. Compression is never offered, and no
 * redirect is followed. Throws for a URL or header that cannot be sent.
 */
export class ClientSocket extends Unconnected {
  constructor(address: string, subprotocols: readonly string[], options: ClientOptions) {
    super(null, undefined, MANNERS)
    const inside = this as unknown as Innards
    inside._isServer = false
    inside._bufferedAmount = 0
    const url = new URL(address)
    const invitation = inviting({url, headers: options.headers ?? {}, subprotocols})
    const socket = dial(url, options)
    inside._req = socket
    shakeHands(socket, invitation, {
      agreed: (subprotocol, head) => {
        inside._req = null
        inside._protocol = subprotocol
        inside.setSocket(socket, head, {...LIMITS, maxPayload: options.maxPayload})
      },
      answered: (statusCode, headers) => void this.emit('unexpected-response', socket, {statusCode, headers}),
      failed: (error) => this.#failed(error),
    })
  }

  /** Sends a frame; all that is sent to one server in one turn of the event loop leaves together, as each write costs more than what is in it. */
  sendTogether(text: string): void {
    const {_socket: socket} = this as unknown as Innards
    if (socket?.writableCorked === 0) {
      socket.cork()
      if (corked.push(socket) === 1) process.nextTick(uncork)
    }
    this.send(text)
  }

  /** Whoever ended the attempt knows that it failed. */
  #failed(error: Error): void {
    if (this.readyState !== WebSocket.CONNECTING) return
    const inside = this as unknown as Innards
    inside._req?.destroy()
    inside._req = null
    inside._readyState = WebSocket.CLOSING
    inside._errorEmitted = true
    this.emit('error', error)
    inside.emitClose()
  }
}

const corked: Socket[] = []

function uncork(): void {
  for (const socket of corked.splice(0)) socket.uncork()
}

/**
 * All sockets read into one buffer, and pass on a copy of what came: Node would make 64 KiB for each read and shrink it again. TLS knows
 * nothing of it (https://nodejs.org/api/net.html#socketconnectoptions-connectlistener, `onread`).
 */
const onread = {
  buffer: Buffer.allocUnsafeSlow(64 * 1024),
  callback(this: Socket, length: number, buffer: Buffer): boolean {
    this.emit('data', Buffer.from(buffer.subarray(0, length)))
    return true
  },
}

function dial(url: URL, options: ClientOptions): Socket {
  const secure = url.protocol === 'wss:' || url.protocol === 'https:'
  const host = url.hostname.startsWith('[') ? url.hostname.slice(1, -1) : url.hostname
  const port = Number(url.port) || (secure ? 443 : 80)
  const where = {...options, headers: undefined, host, port, ...(secure ? {} : {onread})}
  const {createConnection = secure ? connectTls : connect} = where
  return (createConnection as (options: object) => Socket)(where)
}
