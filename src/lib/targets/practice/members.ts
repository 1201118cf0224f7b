/** A member is one connection; a room is the set of members on this node that hear the same messages. */
import type {Ms} from '../../base/units.js'

/** The way out to one member; frames that are written while it is corked leave together. */
export interface Outlet {
  readonly writableLength: number
  readonly writableCorked: number
  cork(): void
  uncork(): void
  /** An encoded WebSocket frame. */
  write(frame: Buffer): unknown
}

/** One connected user, however connected. */
export interface Member {
  readonly user: string
  readonly socket: Outlet
  rooms: Room[]
  /** When something last came from it, and when a message was last sent to it, in ms of the node's clock. */
  heardAt: Ms
  toldAt: Ms
  isOpen(): boolean
  /** With a close code of WebSockets, and why. */
  close(code: number, reason: string): void
  /** Without a word. */
  terminate(): void
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
