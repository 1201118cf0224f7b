/** Publishes by frames of the chat's protocol, over the publishers' own connections. */
import type {Ms} from '../../base/units.js'
import type {Outcome, Outgoing} from '../../protocols/messaging/carrier.js'
import {confirmsMessages} from '../../protocols/websocket/protocol.js'
import type {Desk, DeskParts} from './desk.js'

interface Waiting {
  readonly ticket: number
  readonly sentAt: Ms
}

/** Often, so that what is settled at once is little. */
const SWEEP_EVERY: Ms = 10

export class FrameDesk implements Desk {
  readonly #parts: DeskParts
  /** By voice, then by the id on its connection, oldest first. */
  readonly #waiting = new Map<number, Map<number, Waiting>>()
  readonly #sweeper: NodeJS.Timeout | undefined

  constructor(parts: DeskParts) {
    this.#parts = parts
    const {target} = parts.share
    if (!confirmsMessages(target.profile.protocol)) this.#sweeper = setInterval(() => this.#outlived(), SWEEP_EVERY)
  }

  send({voice, ticket, text}: Outgoing): boolean {
    const connection = this.#parts.present(voice)
    if (!connection) return false
    const id = connection.publish(text, ticket)
    this.#of(voice).set(id, {ticket, sentAt: this.#parts.clock.now()})
    return true
  }

  answered(voice: number, id: number | undefined, outcome: Outcome): void {
    const waiting = this.#waiting.get(voice)
    // A refusal that names no message may be of anything.
    if (!waiting || (id === undefined && outcome === 'failed')) return
    const known = id ?? waiting.keys().next().value
    const one = known === undefined ? undefined : waiting.get(known)
    if (known === undefined || !one) return
    waiting.delete(known)
    this.#parts.listener.answered(one.ticket, outcome, outcome === 'failed' ? 'refused' : undefined)
  }

  lost(voice: number): void {
    const waiting = this.#waiting.get(voice)
    this.#waiting.delete(voice)
    for (const {ticket} of waiting?.values() ?? []) this.#parts.listener.answered(ticket, 'unknown', 'connection-lost')
  }

  [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#sweeper)
    return Promise.resolve()
  }

  /** Where there are no acks, a message was taken once its connection outlived it. */
  #outlived(): void {
    const before = this.#parts.clock.now() - this.#parts.share.plan.drain.quietMs
    for (const [voice, waiting] of this.#waiting) {
      for (const [id, {sentAt}] of waiting) {
        if (sentAt > before) break
        this.answered(voice, id, 'accepted')
      }
    }
  }

  #of(voice: number): Map<number, Waiting> {
    const known = this.#waiting.get(voice)
    if (known) return known
    const fresh = new Map<number, Waiting>()
    this.#waiting.set(voice, fresh)
    return fresh
  }
}
