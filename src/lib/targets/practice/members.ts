/** A member is one connection; a room is the set of members on this node that hear the same messages. */
import {WebSocket, type RawData} from 'ws'
import type {Socket} from 'node:net'

/** What a connection calls on its node; one shared object instead of closures for each of 17,000 connections. */
export interface Home {
  received(member: Member, data: RawData, binary: boolean): void
  left(member: Member): void
  /** The client broke the WebSocket protocol: too large, bad UTF-8, bad frame. */
  broke(member: Member): void
}

/** One connected user. Plain fields and shared listeners keep it small. */
export class Member extends WebSocket {
  declare user: string
  declare socket: Socket
  declare rooms: Room[]
  declare home: Home

  /** Called once after the handshake. */
  settle(home: Home, user: string, socket: Socket): void {
    this.home = home
    this.user = user
    this.socket = socket
    this.rooms = []
    this.on('message', onMessage)
    this.on('ping', onPing)
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
  /** Joined, but not yet told so: the subscription is not confirmed. */
  readonly waiting = new Set<Member>()
  subscribed = false
  /** When the last member left, in ms of the node's clock; undefined while somebody is here. */
  emptySince: number | undefined

  constructor(readonly name: string) {}
}
