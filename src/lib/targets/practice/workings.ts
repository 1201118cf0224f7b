/** The workings of one node, built and connected: how a message gets in, is kept, and comes out on every node. */
import type {Clock} from '../../base/clock.js'
import {seededRandom, type Random} from '../../base/random.js'
import type {Bus} from './bus.js'
import {CatchUp} from './catch-up.js'
import type {Counts} from './counts.js'
import {Defects} from './defects/defects.js'
import {Floors} from './floors.js'
import {textFrame} from './frames.js'
import {Hearing} from './hearing.js'
import {ROOM_CAP} from './limits.js'
import type {Room} from './members.js'
import {Output} from './output.js'
import {Publishing} from './publishing.js'
import {Rooms} from './rooms.js'
import type {Shards} from './shards.js'
import {Subscriptions} from './subscriptions.js'

export interface WorkingParts {
  readonly shards: Shards
  readonly clock: Clock
  readonly counts: Counts
  /** Members that a room may have on all nodes together. */
  readonly roomCap?: number
  /** For the jitter of what is tried again. */
  readonly random?: Random
}

export class Workings {
  readonly output: Output
  readonly defects: Defects
  readonly rooms: Rooms
  readonly hearing: Hearing
  readonly publishing: Publishing
  readonly catchUp: CatchUp

  constructor(
    private readonly parts: WorkingParts,
    bus: Bus,
  ) {
    const {shards, clock, counts, random = seededRandom('links'), roomCap: cap = ROOM_CAP} = parts
    const output = (this.output = new Output(counts))
    const subscriptions = new Subscriptions(bus)
    const defects = (this.defects = new Defects({output, subscriptions, bus, shards}))
    const push = (room: Room, text: Buffer): void => this.#push(room, text)
    const hearing = (this.hearing = new Hearing({clock, counts, shards, push, room: (name) => this.rooms.room(name)}))
    const floors = new Floors(shards, hearing.heard, bus)
    const whenFull: Defects['whenFull'] = (room, newcomer) => defects.whenFull(room, newcomer)
    const rooms = (this.rooms = new Rooms({bus, subscriptions, output, clock, floors, cap, whenFull}))
    const common = {shards, clock, random, counts, output, defects}
    this.publishing = new Publishing({shards, clock, random, counts, defects, bus})
    this.catchUp = new CatchUp({...common, hearing, rooms, subscriptions})
  }

  /** Nothing is tried any more, and nothing is held back. */
  close(): void {
    this.defects.end()
    this.catchUp.close()
    this.publishing.close()
  }

  #push(room: Room, text: Buffer): void {
    const {output, defects, parts} = this
    const frame = textFrame(text)
    const now = parts.clock.now()
    const {deliver, broadcast} = defects
    parts.counts.delivered += room.members.size
    for (const member of room.members) member.toldAt = now
    if (deliver === undefined) for (const member of room.members) output.send(member, frame)
    else for (const member of room.members) deliver(member, {room, text, frame})
    broadcast?.({room, text, frame}, (member) => output.send(member, frame))
  }
}
