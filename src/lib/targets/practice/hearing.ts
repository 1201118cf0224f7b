/** Brings what is published to the members of this node's rooms: at once, or after the history has filled a gap; each message once. */
import type {Clock} from '../../base/clock.js'
import type {Counts} from './counts.js'
import {Heard} from './heard.js'
import {DELIVERIES_A_TURN} from './limits.js'
import type {Room} from './members.js'
import type {Shards} from './shards.js'
import {roomOf} from './subscriptions.js'

export interface HearingParts {
  readonly clock: Clock
  readonly counts: Counts
  readonly shards: Shards
  readonly room: (name: string) => Room | undefined
  /** To every member of the room. */
  readonly push: (room: Room, text: Buffer) => void
}

/** A message on its way to its room. */
export interface Incoming {
  readonly room: Room
  readonly id: number
  readonly text: Buffer
}

const ID = Buffer.from(',"id":')
const LONGEST_ID = String(Number.MAX_SAFE_INTEGER).length

export class Hearing {
  /** Of each shard, because only ids of one shard follow each other. */
  readonly heard: readonly Heard[]
  /** Live messages that wait until the gap before them is filled; undefined while there is no gap. */
  #waiting: Incoming[] | undefined

  constructor(private readonly parts: HearingParts) {
    this.heard = parts.shards.all.map(() => new Heard(parts.clock))
  }

  /** What Redis brings. */
  message(channel: string, text: Buffer): void {
    const name = roomOf(channel)
    const room = name === undefined ? undefined : this.parts.room(name)
    if (room === undefined) return
    const incoming = {room, id: idOf(text), text}
    if (this.#waiting !== undefined) {
      this.#waiting.push(incoming)
      return
    }
    this.#heardOf(incoming.id).age()
    this.#bring(incoming)
  }

  /** From here on there is a gap. */
  hold(): void {
    this.#waiting ??= []
  }

  /** Brings messages of the gap, with a rest whenever so many were delivered. */
  async fill(missed: readonly Incoming[], rest: () => Promise<void>): Promise<void> {
    let deliveries = 0
    for (const incoming of missed) {
      this.#bring(incoming)
      deliveries += incoming.room.members.size
      if (deliveries < DELIVERIES_A_TURN) continue
      deliveries = 0
      await rest()
    }
  }

  /** The gap is filled: what waited follows, and then all is live again, unless `again` says that there is another gap by now. */
  async release(rest: () => Promise<void>, again: () => boolean): Promise<void> {
    while (this.#waiting !== undefined && this.#waiting.length > 0) {
      const waiting = this.#waiting
      this.#waiting = []
      await this.fill(waiting, rest)
    }
    if (!again()) this.#waiting = undefined
  }

  /** Takes note of a message; false when it came through before. */
  note(id: number): boolean {
    return this.#heardOf(id).note(id)
  }

  #heardOf(id: number): Heard {
    return this.heard[this.parts.shards.numberOf(id)] ?? raise(id)
  }

  #bring({room, id, text}: Incoming): void {
    if (this.note(id)) this.parts.push(room, text)
    else this.parts.counts.repeatsDropped++
  }
}

function raise(id: number): never {
  throw new RangeError(`no shard has the id ${id}`)
}

/** No name or body can hold these characters: a quotation mark inside of a JSON string is escaped. */
function idOf(text: Buffer): number {
  const start = text.indexOf(ID) + ID.length
  return Number.parseInt(text.toString('latin1', start, start + LONGEST_ID), 10)
}
