/** What is stored and not yet confirmed by Redis, in order: sent again after an outage, and acked at once while one lasts. */
import type {Clock} from '../../base/clock.js'
import type {Ms} from '../../base/units.js'
import type {Bus} from './bus.js'
import type {Defects} from './defects/defects.js'
import {messageText} from './frames.js'
import {MAX_BATCH, MAX_UNCONFIRMED} from './limits.js'
import type {Stored} from './pending.js'
import {channelOf} from './subscriptions.js'

export interface OutboxParts {
  readonly bus: Bus
  readonly clock: Clock
  readonly acknowledge: (stored: Stored) => void
  readonly defects: Defects
  /** Aborts when nothing is to be sent any more. */
  readonly ending: AbortSignal
}

/** Redis may refuse while the link is up: then nothing tells us when to try again. */
const AGAIN_MS: Ms = 500

/**
 * Batches follow each other without waiting, on one connection, so that Redis hears them in order. When one fails, all that
 * is not confirmed is sent again from there: what Redis had heard all the same is dropped by the nodes that hear it twice.
 */
export class Outbox {
  #unconfirmed: Stored[] = []
  /** How many of them are under way. */
  #sent = 0
  /** Of them, those that are acked already. */
  #acked = 0
  #away = false
  /** What was sent in an earlier round is not waited for any more. */
  #round = 0

  constructor(private readonly parts: OutboxParts) {}

  /** Messages that Redis has not confirmed. */
  get size(): number {
    return this.#unconfirmed.length
  }

  /** Takes the next messages, in the order in which they were stored. */
  add(batch: readonly Stored[]): void {
    for (const stored of batch) {
      if (this.#away && this.parts.defects.dropsMissed(stored.message)) this.parts.acknowledge(stored)
      else this.#unconfirmed.push(stored)
    }
    if (this.#away) this.#acknowledgeAll()
    else this.#send()
  }

  /** Redis is away: what is stored is acked, since nothing but time stands between it and its receivers. */
  pause(): void {
    this.#round++
    this.#sent = 0
    this.#away = true
    this.#acknowledgeAll()
    this.#unconfirmed = this.#unconfirmed.filter(({message}) => !this.parts.defects.dropsMissed(message))
    this.#acked = this.#unconfirmed.length
  }

  /** Redis is back. */
  resume(): void {
    if (!this.#away || this.parts.ending.aborted) return
    this.#away = false
    this.#send()
  }

  #send(): void {
    while (this.#sent < this.#unconfirmed.length && this.#sent < MAX_UNCONFIRMED) {
      const batch = this.#unconfirmed.slice(this.#sent, this.#sent + MAX_BATCH)
      this.#sent += batch.length
      void this.#sendBatch(batch)
    }
  }

  async #sendBatch(batch: readonly Stored[]): Promise<void> {
    const round = this.#round
    const confirmed = await this.#publish(batch)
    if (round !== this.#round) return
    for (const stored of this.#unconfirmed.slice(this.#acked, confirmed)) this.parts.acknowledge(stored)
    this.#unconfirmed.splice(0, confirmed)
    this.#acked = Math.max(0, this.#acked - confirmed)
    this.#sent -= confirmed
    if (confirmed === batch.length) this.#send()
    else await this.#pauseAWhile()
  }

  /** Redis refused, though its link may be up. */
  async #pauseAWhile(): Promise<void> {
    this.pause()
    const round = this.#round
    await this.parts.clock.sleep(AGAIN_MS, this.parts.ending)
    if (round === this.#round) this.resume()
  }

  /** How many of the batch Redis has confirmed, counted from its start. */
  async #publish(batch: readonly Stored[]): Promise<number> {
    const messages = batch.map(({message: {room, author, body}, id}) => ({
      channel: channelOf(room),
      text: messageText({room, from: author.user, id, body}),
    }))
    try {
      const failures = await this.parts.bus.publish(messages)
      const first = failures.findIndex((failure) => failure !== undefined)
      return first < 0 ? batch.length : first
    } catch {
      return 0
    }
  }

  #acknowledgeAll(): void {
    for (const stored of this.#unconfirmed.slice(this.#acked)) this.parts.acknowledge(stored)
    this.#acked = this.#unconfirmed.length
  }
}
