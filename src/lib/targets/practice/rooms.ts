/** Who is in which room on this node; `joined` is only said with a seat, and once Redis confirmed that the room is heard here. */
import type {Clock} from '../../base/clock.js'
import type {Bus} from './bus.js'
import type {Floors} from './floors.js'
import {joinedFrame, leftFrame, refusedFrame} from './frames.js'
import {EMPTY_ROOM_LINGER_MS, MAX_ROOMS_PER_MEMBER} from './limits.js'
import {Room, type Member} from './members.js'
import type {Output} from './output.js'
import {Seating, type Ushers} from './seating.js'
import type {Subscriptions} from './subscriptions.js'

const NOT_HEARD = 'the room cannot be heard: Redis did not answer'

export interface RoomParts {
  readonly bus: Bus
  readonly subscriptions: Subscriptions
  readonly output: Output
  readonly clock: Clock
  readonly floors: Floors
  /** Members that a room may have on all nodes together. */
  readonly cap: number
  /** A defect's say when a room is full: true lets the newcomer in all the same. */
  readonly whenFull: (room: Room, newcomer: Member) => boolean
}

export class Rooms implements Ushers {
  readonly #rooms = new Map<string, Room>()
  readonly #seating: Seating
  /** False while the link to Redis is lost, and until what was missed meanwhile has been brought. */
  #listening = true

  constructor(private readonly parts: RoomParts) {
    this.#seating = new Seating(parts.bus, parts.cap, this)
  }

  get count(): number {
    return this.#rooms.size
  }

  room(name: string): Room | undefined {
    return this.#rooms.get(name)
  }

  all(): Iterable<Room> {
    return this.#rooms.values()
  }

  join(member: Member, name: string): void {
    const room = this.#rooms.get(name) ?? this.#open(name)
    if (member.rooms.includes(room)) {
      if (room.members.has(member)) this.#welcome(room, member)
      return
    }
    if (member.rooms.length >= MAX_ROOMS_PER_MEMBER) {
      this.parts.output.send(member, refusedFrame('in too many rooms'))
      return
    }
    member.rooms.push(room)
    if (room.emptySince !== undefined) this.#reopen(room)
    room.asking.add(member)
    this.#seating.changed(name)
  }

  leave(member: Member, name: string): void {
    const room = this.#rooms.get(name)
    if (room !== undefined) this.#remove(room, member)
    this.parts.output.send(member, leftFrame(name))
  }

  /** The connection is gone: it leaves everything. */
  forget(member: Member): void {
    for (const room of [...member.rooms]) this.#remove(room, member)
  }

  /** Unsubscribes rooms that have been empty for a while, so that a room between two members stays warm. */
  async sweep(): Promise<void> {
    const before = this.parts.clock.now() - EMPTY_ROOM_LINGER_MS
    const stale = [...this.#rooms.values()].filter((room) => (room.emptySince ?? Infinity) <= before)
    for (const room of stale) this.#rooms.delete(room.name)
    this.#seating.tell()
    // What stays subscribed because Redis failed is not heard any more, and is gone when the link is made anew.
    await this.parts.subscriptions.drop(stale.map((room) => room.name)).catch(() => undefined)
  }

  /** The link to Redis is new, and Redis perhaps as well: it is told all seats again. */
  tellSeats(): void {
    for (const {name} of this.#rooms.values()) this.#seating.changed(name)
  }

  /** Nothing is heard any more: who gets a seat now waits, and misses nothing once it has joined. */
  lost(): void {
    this.#listening = false
    this.parts.floors.lost()
  }

  /** Of each room that had members when hearing ended, from where on they are to have everything. */
  floors(): {name: string; floor: number}[] {
    return [...this.#rooms.values()].flatMap(({name, floor}) => (floor === undefined ? [] : [{name, floor}]))
  }

  /** All rooms are heard again, and nothing is missing. */
  restored(): void {
    this.#listening = true
    for (const room of this.#rooms.values()) if (room.subscribed) this.#opened(room)
  }

  seated(room: Room, member: Member): void {
    room.waiting.add(member)
    if (room.subscribed && this.#listening) this.#admit(room, member)
  }

  full(room: Room, member: Member): void {
    if (this.parts.whenFull(room, member)) {
      this.seated(room, member)
      this.#seating.changed(room.name)
    } else this.#refuse(room, member, 'room is full')
  }

  unknown(room: Room, member: Member): void {
    this.#refuse(room, member, 'the room cannot be joined: Redis did not answer')
  }

  #open(name: string): Room {
    const room = new Room(name)
    this.#rooms.set(name, room)
    this.parts.subscriptions.want(name).then(
      () => this.#confirmed(room),
      () => this.#unconfirmed(room),
    )
    return room
  }

  #confirmed(room: Room): void {
    room.subscribed = true
    if (this.#listening) this.#opened(room)
  }

  #opened(room: Room): void {
    if (room.floor === undefined) this.parts.floors.set(room)
    for (const member of [...room.waiting]) this.#admit(room, member)
  }

  /** Whoever comes into a deserted room has nothing to do with what was published in it before. */
  #reopen(room: Room): void {
    room.emptySince = undefined
    room.floor = undefined
    if (room.subscribed && this.#listening) this.parts.floors.set(room)
  }

  #unconfirmed(room: Room): void {
    this.#rooms.delete(room.name)
    for (const member of [...room.waiting, ...room.asking]) this.#refuse(room, member, NOT_HEARD)
  }

  #admit(room: Room, member: Member): void {
    room.waiting.delete(member)
    room.members.add(member)
    this.#welcome(room, member)
  }

  #welcome(room: Room, member: Member): void {
    this.parts.output.send(member, joinedFrame(room.name, room.members.size))
  }

  #refuse(room: Room, member: Member, reason: string): void {
    this.#remove(room, member)
    this.parts.output.send(member, refusedFrame(reason))
  }

  #remove(room: Room, member: Member): void {
    member.rooms = member.rooms.filter((other) => other !== room)
    room.asking.delete(member)
    if (room.members.delete(member) || room.waiting.delete(member)) this.#seating.changed(room.name)
    if (room.deserted) room.emptySince ??= this.parts.clock.now()
  }
}
