/** Who is in which room on this node; `joined` is only said once Redis confirmed that the room is heard here. */
import type {Clock} from '../../base/clock.js'
import {joinedFrame, leftFrame, refusedFrame} from './frames.js'
import {EMPTY_ROOM_LINGER_MS, MAX_ROOMS_PER_MEMBER} from './limits.js'
import {Room, type Member} from './members.js'
import type {Output} from './output.js'
import type {Subscriptions} from './subscriptions.js'

export class Rooms {
  readonly #rooms = new Map<string, Room>()

  constructor(
    private readonly subscriptions: Subscriptions,
    private readonly output: Output,
    private readonly clock: Clock,
  ) {}

  get count(): number {
    return this.#rooms.size
  }

  get(name: string): Room | undefined {
    return this.#rooms.get(name)
  }

  all(): Iterable<Room> {
    return this.#rooms.values()
  }

  join(member: Member, name: string): void {
    const room = this.#rooms.get(name) ?? this.#open(name)
    if (!member.rooms.includes(room)) {
      if (member.rooms.length >= MAX_ROOMS_PER_MEMBER) {
        this.output.send(member, refusedFrame('in too many rooms'))
        return
      }
      member.rooms.push(room)
      room.emptySince = undefined
    }
    if (room.subscribed) this.#admit(room, member)
    else room.waiting.add(member)
  }

  leave(member: Member, name: string): void {
    const room = this.#rooms.get(name)
    if (room !== undefined) {
      member.rooms = member.rooms.filter((other) => other !== room)
      this.#remove(room, member)
    }
    this.output.send(member, leftFrame(name))
  }

  /** The connection is gone: it leaves everything. */
  forget(member: Member): void {
    for (const room of member.rooms) this.#remove(room, member)
    member.rooms = []
  }

  /** Unsubscribes rooms that have been empty for a while, so that a room between two members stays warm. */
  async sweep(): Promise<void> {
    const before = this.clock.now() - EMPTY_ROOM_LINGER_MS
    const stale = [...this.#rooms.values()].filter((room) => (room.emptySince ?? Infinity) <= before)
    for (const room of stale) this.#rooms.delete(room.name)
    // What stays subscribed because Redis failed is not heard any more, and is gone when the link is made anew.
    await this.subscriptions.drop(stale.map((room) => room.name)).catch(() => undefined)
  }

  #open(name: string): Room {
    const room = new Room(name)
    this.#rooms.set(name, room)
    this.subscriptions.want(name).then(
      () => this.#confirmed(room),
      () => this.#unconfirmed(room),
    )
    return room
  }

  #confirmed(room: Room): void {
    room.subscribed = true
    for (const member of room.waiting) this.#admit(room, member)
    room.waiting.clear()
  }

  #unconfirmed(room: Room): void {
    this.#rooms.delete(room.name)
    for (const member of room.waiting) {
      member.rooms = member.rooms.filter((other) => other !== room)
      this.output.send(member, refusedFrame('the room cannot be heard: Redis did not answer'))
    }
    room.waiting.clear()
  }

  #admit(room: Room, member: Member): void {
    room.members.add(member)
    this.output.send(member, joinedFrame(room.name, room.members.size))
  }

  #remove(room: Room, member: Member): void {
    room.members.delete(member)
    room.waiting.delete(member)
    if (room.members.size + room.waiting.size === 0) room.emptySince = this.clock.now()
  }
}
