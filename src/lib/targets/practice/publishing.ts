/** A message's way: into the store, then to the other nodes, then the ack; in order, and never dropped in silence. */
import type {Clock} from '../../base/clock.js'
import {fullJitter, type Random} from '../../base/random.js'
import type {Bus} from './bus.js'
import type {Counts} from './counts.js'
import type {Defects} from './defects/defects.js'
import {ackFrame, refusedFrame} from './frames.js'
import {BACKOFF, HOLD_MS, MAX_BATCH, MAX_PENDING_MESSAGES} from './limits.js'
import {Outbox} from './outbox.js'
import type {Output} from './output.js'
import type {Pending, Publication, Stored} from './pending.js'
import {StoreAway, type MessageStore} from './store.js'

interface Parts {
  readonly store: MessageStore
  readonly bus: Bus
  readonly output: Output
  readonly counts: Counts
  readonly clock: Clock
  readonly random: Random
  readonly defects: Defects
}

/**
 * Stores batch after batch: the next one begins when the last one ended, so a message waits for one insert at low
 * rates and batches grow with the load. While Postgres is away the same batch is tried again and again, and all that
 * comes behind it waits, so that nothing changes places.
 */
export class Publishing {
  readonly outbox: Outbox
  readonly #ending = new AbortController()
  #queue: Pending[] = []
  #number = 0
  #storing = false
  #storeAway = false

  constructor(private readonly parts: Parts) {
    const {bus, clock, defects} = parts
    const acknowledge = ({message, id}: Stored): void => this.#acknowledge(message, id)
    this.outbox = new Outbox({bus, clock, defects, acknowledge, ending: this.#ending.signal})
  }

  /** Messages that wait for Postgres. */
  get held(): number {
    return this.#queue.length
  }

  get storeAway(): boolean {
    return this.#storeAway
  }

  accept(publication: Publication): void {
    const message = {...publication, number: ++this.#number, since: this.parts.clock.now()}
    if (this.#queue.length + this.outbox.size >= MAX_PENDING_MESSAGES) return this.#refuse([message], 'too busy')
    this.#queue.push(message)
    if (this.#storing) return
    this.#storing = true
    setImmediate(() => void this.#storeAll())
  }

  /** Nothing is tried any more. */
  close(): void {
    this.#ending.abort()
  }

  async #storeAll(): Promise<void> {
    while (this.#queue.length > 0 && !this.#ending.signal.aborted) {
      const batch = this.#queue.splice(0, MAX_BATCH)
      await this.#storeOne(batch)
    }
    this.#storing = false
  }

  /** Ends when the batch is stored, or refused. One whose fate is open is tried until it is known, though its sender has given up. */
  async #storeOne(first: readonly Pending[]): Promise<void> {
    const {clock, counts, random} = this.parts
    let batch = first
    let certain = true
    for (let attempt = 0; batch.length > 0 && !this.#ending.signal.aborted; attempt++) {
      const failure = await this.#save(batch)
      this.#storeAway = failure instanceof StoreAway
      if (failure === undefined) return
      if (!(failure instanceof StoreAway)) {
        this.#refuse(batch, `not stored: ${failure.message}`)
        return
      }
      counts.storeRetries++
      certain &&= failure.certain
      if (certain) batch = this.#stillHeld(batch, failure.message)
      this.#queue = this.#stillHeld(this.#queue, failure.message)
      await clock.sleep(fullJitter({attempt, ...BACKOFF}, random), this.#ending.signal)
    }
  }

  /** Resolves with why it failed. */
  async #save(batch: readonly Pending[]): Promise<Error | undefined> {
    try {
      const ids = await this.parts.store.save({
        numbers: batch.map(({number}) => number),
        rooms: batch.map(({room}) => room),
        senders: batch.map(({member}) => member.user),
        bodies: batch.map(({body}) => body),
      })
      this.outbox.add(batch.map((message, index) => ({message, id: ids[index] ?? 0})))
      return undefined
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error))
    }
  }

  /** Of messages that are certainly not stored, those that are worth another try; the others are answered. */
  #stillHeld(messages: readonly Pending[], reason: string): Pending[] {
    const before = this.parts.clock.now() - HOLD_MS
    return messages.filter((message) => {
      if (this.parts.defects.acksUnstored(message)) this.#acknowledge(message, 0)
      else if (message.since <= before) this.#refuse([message], `not stored: ${reason}`)
      else return true
      return false
    })
  }

  #acknowledge(message: Pending, id: number): void {
    this.parts.counts.published++
    this.parts.output.send(message.member, ackFrame(message.id, id))
  }

  #refuse(batch: readonly Pending[], reason: string): void {
    this.parts.counts.refused += batch.length
    for (const message of batch) this.parts.output.send(message.member, refusedFrame(reason, message.id))
  }
}
