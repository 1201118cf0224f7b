/** Sends messages when they are due, and keeps what became of each. */
import {seededRandom, shuffle} from '../../base/random.js'
import type {Ms} from '../../base/units.js'
import {momentsOf, type NoteMoment} from '../../faults/course/moments.js'
import {spend} from '../../load/spend.js'
import type {WorkerKit} from '../../load/worker-kit.js'
import {share as arrivalsOf} from '../../pacing/share.js'
import {scheduleFrom, type Pace} from '../../pacing/pace.js'
import type {Carrier, Outcome} from '../../protocols/messaging/carrier.js'
import {voicesIn, type Range} from '../../protocols/messaging/layout.js'
import {writeStamp} from '../../protocols/stamp.js'
import type {DeliveryBook} from './delivery-book.js'
import type {MsgThroughputPlan} from './plan.js'

interface Pending {
  readonly voice: number
  readonly sequence: number
  readonly dueMs: Ms
  readonly phase: string
}

const SWEEP_EVERY: Ms = 1000
/** Where a message is counted that was not taken for certain. */
const UNTAKEN = {failed: 'messages_refused', unknown: 'messages_unknown'} as const

export class Dispatch {
  readonly #plan: MsgThroughputPlan
  readonly #rooms: Range
  readonly #kit: WorkerKit
  readonly #carrier: Carrier
  readonly #book: DeliveryBook
  /** What follows the stamp. */
  readonly #padding: string
  /** The same in every worker: each message's room is known to all, and each sends those of its own. */
  readonly #order: readonly number[]
  /** Oldest first. */
  readonly #pending = new Map<number, Pending>()
  readonly #accepted: (voice: number, sequence: number) => void
  readonly #note: NoteMoment
  readonly #count
  readonly #startDelay
  readonly #publishLatency
  #ticket = 0

  constructor(plan: MsgThroughputPlan, kit: WorkerKit, {rooms, carrier, book, padding, accepted}: DispatchParts) {
    this.#plan = plan
    this.#rooms = rooms
    this.#kit = kit
    this.#carrier = carrier
    this.#book = book
    this.#padding = padding
    this.#accepted = accepted
    const all = Array.from({length: plan.layout.rooms}, (_, room) => room)
    this.#order = shuffle(all, seededRandom(plan.seed).fork('order of rooms'))
    this.#note = momentsOf(kit)
    const {tally} = kit
    this.#startDelay = tally.distribution('start_delay')
    this.#publishLatency = tally.distribution('publish_latency')
    this.#count = {
      published: tally.counter('messages_published'),
      accepted: tally.counter('messages_acked'),
      dropped: tally.counter('dropped_arrivals'),
    }
  }

  /** Sends this worker's part of a pace, each message when it is due; resolves when the pace is over with when the last one was due. */
  async run(pace: Pace, startAtMs: Ms): Promise<Ms> {
    const {clock, signal} = this.#kit
    const ours = (n: number): boolean => {
      const room = this.#roomOf(n)
      return room >= this.#rooms.first && room < this.#rooms.end
    }
    const sweeper = setInterval(() => this.#giveUpOldest(), SWEEP_EVERY)
    let lastDueMs = startAtMs
    const act = (n: number, dueMs: Ms): void => {
      lastDueMs = dueMs
      this.#send(n, dueMs)
    }
    try {
      const schedule = scheduleFrom(pace, this.#kit.random)
      await spend(arrivalsOf(schedule, ours), {clock, signal, startAtMs, act})
      return lastDueMs
    } finally {
      clearInterval(sweeper)
    }
  }

  /** What became of a message; an answer that comes after its time still tells the ledger. */
  answered(ticket: number, outcome: Outcome, reason?: string): void {
    const pending = this.#pending.get(ticket)
    if (!pending) return
    this.#pending.delete(ticket)
    this.#settle(pending, outcome, reason)
  }

  /** Messages without an answer so far. */
  get unanswered(): number {
    return this.#pending.size
  }

  /** Nothing is waited for any longer. */
  end(): void {
    for (const pending of this.#pending.values()) this.#settle(pending, 'unknown', 'unanswered')
    this.#pending.clear()
  }

  #send(n: number, dueMs: Ms): void {
    const {clock, timeline, runId, startedAtMs} = this.#kit
    const room = this.#roomOf(n)
    const voices = voicesIn(this.#plan.layout, room)
    const voice = voices.first + (Math.floor(n / this.#order.length) % (voices.end - voices.first))
    const startedAt = clock.now()
    const phase = timeline.at(dueMs)
    const ticket = this.#ticket++
    const sequence = this.#book.publish(voice, phase, startedAt)
    const text = writeStamp(runId, voice, sequence, dueMs - startedAtMs) + this.#padding
    this.#pending.set(ticket, {voice, sequence, dueMs, phase})
    if (!this.#carrier.publish({room, voice, ticket, text})) return this.#drop(ticket, voice, {sequence, phase, dueMs})
    this.#startDelay.record(phase, startedAt - dueMs)
    this.#count.published.add(phase)
  }

  #drop(ticket: number, voice: number, {sequence, phase, dueMs}: Pick<Pending, 'sequence' | 'phase' | 'dueMs'>): void {
    this.#pending.delete(ticket)
    this.#book.settle(voice, sequence, 'failed')
    this.#count.dropped.add(phase)
    this.#note('failed', dueMs)
  }

  #settle({voice, sequence, dueMs, phase}: Pending, outcome: Outcome, reason = 'unnamed'): void {
    this.#book.settle(voice, sequence, outcome)
    this.#note(outcome === 'accepted' ? 'ok' : outcome, dueMs)
    if (outcome !== 'accepted') return this.#kit.tally.counter(UNTAKEN[outcome], {reason}).add(phase)
    this.#count.accepted.add(phase)
    this.#publishLatency.record(phase, this.#kit.clock.now() - dueMs)
    this.#accepted(voice, sequence)
  }

  #giveUpOldest(): void {
    const overdue = this.#kit.clock.now() - this.#plan.ackTimeoutMs
    for (const [ticket, pending] of this.#pending) {
      if (pending.dueMs > overdue) break
      this.#pending.delete(ticket)
      this.#settle(pending, 'unknown', 'timeout')
    }
  }

  #roomOf(n: number): number {
    return this.#order[n % this.#order.length] ?? 0
  }
}

export interface DispatchParts {
  readonly rooms: Range
  readonly carrier: Carrier
  readonly book: DeliveryBook
  readonly padding: string
  /** Told of each message that was accepted. */
  readonly accepted: (voice: number, sequence: number) => void
}
