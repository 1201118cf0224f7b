/** The way into one shard: batch after batch, in order, tried again while the shard is away. */
import {setTimeout} from 'node:timers/promises'
import type {Clock} from '../../base/clock.js'
import {fullJitter, type Random} from '../../base/random.js'
import type {Counts} from './counts.js'
import {BACKOFF, HOLD_MS, LINGER_MS, MAX_BATCH} from './limits.js'
import type {Pending, Refusal, Stored} from './pending.js'
import {StoreAway, type MessageStore} from './store.js'

export interface LaneParts {
  readonly store: MessageStore
  readonly clock: Clock
  readonly random: Random
  readonly counts: Counts
  /** Takes a batch that is stored. */
  readonly stored: (batch: readonly Stored[]) => void
  readonly refuse: (message: Pending, refusal: Refusal) => void
  /** A defect's say: true acks a message that could not be stored, and forgets it. */
  readonly gaveUp: (message: Pending) => boolean
  /** Aborts when nothing is tried any more. */
  readonly ending: AbortSignal
}

/**
 * One batch follows the other, with some milliseconds between them in which more may come: a message waits for one insert at low rates, and batches
 * grow with the load. While Postgres is away the same batch is tried again and again, and all that comes behind it waits, so that
 * nothing changes places.
 */
export class StoreLane {
  away = false
  #queue: Pending[] = []
  #underWay = 0
  #storing = false

  constructor(private readonly parts: LaneParts) {}

  /** Messages that are not stored yet. */
  get held(): number {
    return this.#queue.length + this.#underWay
  }

  add(message: Pending): void {
    this.#queue.push(message)
    if (this.#storing) return
    this.#storing = true
    setImmediate(() => void this.#storeAll())
  }

  async #storeAll(): Promise<void> {
    const {ending} = this.parts
    while (this.#queue.length > 0 && !ending.aborted) {
      await this.#storeOne(this.#queue.splice(0, MAX_BATCH))
      this.#underWay = 0
      if (this.#queue.length > 0 && this.#queue.length < MAX_BATCH) await setTimeout(LINGER_MS)
    }
    this.#storing = false
  }

  /** Ends when the batch is stored, or refused. One whose fate is open is tried until it is known, though its sender has given up. */
  async #storeOne(first: readonly Pending[]): Promise<void> {
    const {clock, counts, random, ending} = this.parts
    let batch = first
    let certain = true
    for (let attempt = 0; batch.length > 0 && !ending.aborted; attempt++) {
      this.#underWay = batch.length
      const failure = await this.#save(batch)
      this.away = failure instanceof StoreAway
      if (failure === undefined) return
      if (!(failure instanceof StoreAway)) {
        for (const message of batch) this.parts.refuse(message, notStored(failure.message))
        return
      }
      counts.storeRetries++
      certain &&= failure.certain
      if (certain) batch = this.#stillHeld(batch, failure.message)
      this.#queue = this.#stillHeld(this.#queue, failure.message)
      await clock.sleep(fullJitter({attempt, ...BACKOFF}, random), ending)
    }
  }

  /** Resolves with why it failed. */
  async #save(batch: readonly Pending[]): Promise<Error | undefined> {
    try {
      const ids = await this.parts.store.save({
        numbers: batch.map(({number}) => number),
        rooms: batch.map(({room}) => room),
        senders: batch.map(({author}) => author.user),
        bodies: batch.map(({body}) => body),
        times: batch.map(({time}) => time),
      })
      this.parts.stored(batch.map((message, index) => ({message, id: ids[index] ?? 0})))
      return undefined
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error))
    }
  }

  /** Of messages that are certainly not stored, those that are worth another try; the others are answered. */
  #stillHeld(messages: readonly Pending[], reason: string): Pending[] {
    const before = this.parts.clock.now() - HOLD_MS
    return messages.filter((message) => {
      if (this.parts.gaveUp(message)) return false
      if (message.since > before) return true
      this.parts.refuse(message, notStored(reason))
      return false
    })
  }
}

function notStored(reason: string): Refusal {
  return {reason: `not stored: ${reason}`}
}
