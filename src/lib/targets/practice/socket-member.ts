/** A member over a WebSocket. */
import {WebSocket, type RawData} from 'ws'
import type {Socket} from 'node:net'
import type {Ms} from '../../base/units.js'
import {ackFrame, refusedFrame} from './frames.js'
import type {Member, Room} from './members.js'
import type {Author, Refusal} from './pending.js'

/** What a connection calls on its node; one shared object instead of closures for each of 17,000 connections. */
export interface Home {
  received(member: SocketMember, data: RawData, binary: boolean): void
  left(member: Member): void
  /** Sends an encoded frame. */
  tell(member: SocketMember, frame: Buffer): void
  /** A ping or pong came, which keeps the connection alive. */
  alive(member: Member): void
  /** The client broke the WebSocket protocol: too large, bad UTF-8, bad frame. */
  broke(member: SocketMember): void
}

/** One connected user. Plain fields and shared listeners keep it small. */
export class SocketMember extends WebSocket implements Member, Author {
  declare user: string
  declare socket: Socket
  declare rooms: Room[]
  declare home: Home
  /** When something last came from it, and when a message was last sent to it, in ms of the node's clock. */
  declare heardAt: Ms
  declare toldAt: Ms

  /** Called once after the handshake. */
  settle(home: Home, user: string, socket: Socket): void {
    this.heardAt = -Infinity
    this.toldAt = -Infinity
    this.home = home
    this.user = user
    this.socket = socket
    this.rooms = []
    this.on('message', onMessage)
    this.on('ping', onPing)
    this.on('pong', onPong)
    this.on('error', onError)
    this.on('close', onClose)
  }

  acked(id: number, message: number): void {
    this.home.tell(this, ackFrame(id, message))
  }

  refused(id: number, {reason}: Refusal): void {
    this.home.tell(this, refusedFrame(reason, id))
  }

  isOpen(): boolean {
    return this.readyState === WebSocket.OPEN
  }
}

// ws calls listeners with the connection as `this`, and types it as its own class.
function onMessage(this: WebSocket, data: RawData, binary: boolean): void {
  if (this instanceof SocketMember) this.home.received(this, data, binary)
}

function onPing(this: WebSocket, data: Buffer): void {
  this.pong(data)
  if (this instanceof SocketMember) this.home.alive(this)
}

/** One that nobody asked for keeps a connection alive as well (RFC 6455, 5.5.3). */
function onPong(this: WebSocket): void {
  if (this instanceof SocketMember) this.home.alive(this)
}

function onError(this: WebSocket): void {
  if (this instanceof SocketMember) this.home.broke(this)
}

function onClose(this: WebSocket): void {
  if (this instanceof SocketMember) this.home.left(this)
}
