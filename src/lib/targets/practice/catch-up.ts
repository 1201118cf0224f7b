/** After an outage of Redis: subscribes to all rooms again, and brings from the history what was missed, before anything newer. */
import type {Clock} from '../../base/clock.js'
import {fullJitter, type Random} from '../../base/random.js'
import type {Counts} from './counts.js'
import type {Defects} from './defects/defects.js'
import {messageText} from './frames.js'
import type {Hearing, Incoming} from './hearing.js'
import {BACKOFF, MISSED_PAGE} from './limits.js'
import type {Output} from './output.js'
import type {Rooms} from './rooms.js'
import type {Shards} from './shards.js'
import type {Subscriptions} from './subscriptions.js'

export interface CatchUpParts {
  readonly clock: Clock
  readonly random: Random
  readonly counts: Counts
  readonly shards: Shards
  readonly hearing: Hearing
  readonly rooms: Rooms
  readonly output: Output
  readonly subscriptions: Subscriptions
  readonly defects: Defects
}

/**
 * Every message that was stored before the rooms are subscribed again is in the history when it is read afterwards, and
 * every later one comes live: together they are complete, and what is in both is brought once. The messages of a sender
 * keep their order, since those in the history are the first ones of those that were not brought.
 */
export class CatchUp {
  #round = 0

  constructor(private readonly parts: CatchUpParts) {}

  /** Nothing is heard any more. */
  lost(): void {
    this.#round++
    this.parts.hearing.hold()
    this.parts.rooms.lost()
  }

  /** The link is back. Resolves when all is live again, or the link is lost once more. */
  async restored(): Promise<void> {
    const {clock, random, defects, subscriptions} = this.parts
    const round = ++this.#round
    if (defects.staysDeaf()) await subscriptions.setDeaf(true)
    for (let attempt = 0; round === this.#round; attempt++) {
      const done = await this.#once(round).catch(() => false)
      if (done) return
      await clock.sleep(fullJitter({attempt, ...BACKOFF}, random))
    }
  }

  /** Gives up, for good. */
  close(): void {
    this.#round++
  }

  /** Rejects when Redis or Postgres does not answer; resolves with whether all is live again. */
  async #once(round: number): Promise<boolean> {
    const {subscriptions, hearing, rooms, counts, defects} = this.parts
    await subscriptions.restore()
    if (!subscriptions.deaf) for (const shard of this.parts.shards.all.keys()) await this.#fillGap(shard, round)
    if (round !== this.#round) return false
    await hearing.release(
      () => this.#rest(),
      () => round !== this.#round,
    )
    if (round !== this.#round) return false
    rooms.restored()
    defects.redisBack()
    counts.resyncs++
    return true
  }

  /** Of one shard; a room has all its messages in the same one. */
  async #fillGap(shard: number, round: number): Promise<void> {
    const {shards, rooms, counts, hearing} = this.parts
    const [store, heard] = [shards.all[shard], hearing.heard[shard]]
    if (store === undefined || heard === undefined) return
    const wanted = rooms.floors().filter(({name}) => shards.placing(name) === shard)
    let after = heard.mark
    for (let page = MISSED_PAGE; page === MISSED_PAGE && round === this.#round && wanted.length > 0;) {
      const known = heard.known(after)
      const missed = await store.missed({rooms: wanted, after, known, limit: MISSED_PAGE})
      const incoming = missed.flatMap((message) => {
        const room = rooms.room(message.room)
        return room === undefined ? [] : [{room, id: message.id, text: Buffer.from(messageText(message))}]
      })
      counts.resynced += incoming.length
      await hearing.fill(this.#kept(incoming), () => this.#rest())
      page = missed.length
      after = missed.at(-1)?.id ?? after
    }
  }

  /** What a defect drops counts as brought, so that it does not come live either. */
  #kept(missed: readonly Incoming[]): Incoming[] {
    const {hearing, defects} = this.parts
    return missed.filter((incoming) => {
      if (!defects.dropsMissed(incoming)) return true
      hearing.note(incoming.id)
      return false
    })
  }

  /** Lets others have a turn, and receivers read what they got. */
  async #rest(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve))
    await this.parts.output.drained(this.parts.clock)
  }
}
