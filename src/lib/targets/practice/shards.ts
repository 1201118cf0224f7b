/** The databases that keep the messages: the hash of a room picks the one that has all of it. */
import {stableHash} from './stable-hash.js'
import type {MessageStore} from './store.js'

/** The number of the shard that keeps a room. */
export type Placing = (room: string) => number

export class Shards {
  /** Where a room is kept. A defect may put its own in place. */
  placing: Placing

  /** @param all at least one; every node has them in the same order */
  constructor(readonly all: readonly MessageStore[]) {
    this.placing = this.evenly
  }

  /** What `placing` is as long as nothing is wrong with the node. */
  readonly evenly: Placing = (room) => stableHash(room) % this.all.length

  /** The ids of a shard are those that leave its number as the remainder. */
  numberOf(id: number): number {
    return id % this.all.length
  }

  of(room: string): MessageStore {
    const store = this.all[this.placing(room)]
    if (store === undefined) throw new RangeError(`there is no shard for the room ${room}`)
    return store
  }

  /** Rejects with the reason when one of them does not answer. */
  async ping(): Promise<void> {
    await Promise.all(this.all.map((store) => store.ping()))
  }
}
