/** A member is one connection; a room is the set of members on this node that hear the same messages. */
import {WebSocket, type RawData} from 'ws'
import type {Socket} from 'node:net'
import type {Ms} from '../../base/units.js'

/** What a connection calls on its node; one shared object instead of closures for each of 17,000 connections. */
export interface Home {
  received(member: Member, data: RawData, binary: boolean): void
  left(member: Member): void
  /** A ping or pong came, which keeps the connection alive. */
  alive(member: Member): void
  /** The client broke the WebSocket protocol: too large, bad UTF-8, bad frame. */
  broke(member: Member): void
}

/** One connected user. Plain fields and shared listeners keep it small. */
export class Member extends WebSocket {
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

  isOpen(): boolean {
    return this.readyState === WebSocket.OPEN
  }
}

// ws calls listeners with the connection as `this`, and types it as its own class.
function onMessage(this: WebSocket, data: RawData, binary: boolean): void {
  if (this instanceof Member) this.home.received(this, data, binary)
}

function onPing(this: WebSocket, data: Buffer): void {
  this.pong(data)
  if (this instanceof Member) this.home.alive(this)
}

/** One that nobody asked for keeps a connection alive as well (RFC 6455, 5.5.3). */
function onPong(this: WebSocket): void {
  if (this instanceof Member) this.home.alive(this)
}

function onError(this: WebSocket): void {
  if (this instanceof Member) this.home.broke(this)
}

function onClose(this: WebSocket): void {
  if (this instanceof Member) this.home.left(this)
}

/** A room as one node sees it. */
export class Room {
  readonly members = new Set<Member>()
  /** Has a seat, but is not told so yet: the subscription is not confirmed. */
  readonly waiting = new Set<Member>()
  /** Would like a seat, in the order in which they came. */
  readonly asking = new Set<Member>()
  subscribed = false
  /** Its members are to have every message with a larger id; undefined while it is not heard yet. */
  floor: number | undefined
  /** When the last member left, in ms of the node's clock; undefined while somebody is here. */
  emptySince: number | undefined

  constructor(readonly name: string) {}

  /** Seats that are taken on this node. */
  get held(): number {
    return this.members.size + this.waiting.size
  }

  get deserted(): boolean {
    return this.held + this.asking.size === 0
  }
}
