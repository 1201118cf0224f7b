/** Lets the rooms of one worker speak: who sends when, and what became of each message. */
import {seededRandom, shuffle} from '../../base/random.js'
import type {Ms, PerSecond} from '../../base/units.js'
import {membersOf, roomStart} from '../../chat/roster.js'
import type {Users} from '../../chat/users.js'
import {momentsOf, type NoteMoment} from '../../faults/course/moments.js'
import {spend} from '../../load/spend.js'
import type {WorkerKit} from '../../load/worker-kit.js'
import {share as arrivalsOf} from '../../pacing/share.js'
import {steady} from '../../pacing/steady.js'
import type {ChatConnection} from '../../protocols/chat-connection.js'
import {STAMP_LENGTH, writeStamp} from '../../protocols/stamp.js'
import type {WsFloodPlan} from './plan.js'
import type {RoomBook} from './room-book.js'

/** A message that was sent and not answered yet. */
interface Pending {
  readonly sequence: number
  readonly dueMs: Ms
  readonly sentAt: Ms
}

const SWEEP_EVERY: Ms = 1000

/** Which rooms speak, how often and how long. */
export interface Turns {
  readonly speaks: (room: number) => boolean
  /** Messages of all open rooms together. */
  readonly rate: PerSecond
  readonly durationMs: Ms
}

/** One message that is due: the `n`-th of all, in turn through the rooms of `order`. */
interface Turn {
  readonly n: number
  readonly order: readonly number[]
}

export class Talk {
  readonly #plan: WsFloodPlan
  readonly #kit: WorkerKit
  readonly #book: RoomBook
  readonly #padding: string
  /** The target acks each message. */
  readonly #confirms: boolean
  readonly #order: readonly number[]
  /** By speaker, then by the id on its connection, oldest first. */
  readonly #pending = new Map<number, Map<number, Pending>>()
  readonly #note: NoteMoment
  readonly #count
  readonly #startDelay

  constructor(plan: WsFloodPlan, kit: WorkerKit, {book, confirms}: {book: RoomBook; confirms: boolean}) {
    this.#plan = plan
    this.#kit = kit
    this.#book = book
    this.#confirms = confirms
    // The same in every worker: each rooms' turn is known to all, and each takes its own.
    const random = seededRandom(plan.seed).fork('order of rooms')
    this.#order = shuffle(
      Array.from({length: plan.roster.rooms}, (_, room) => plan.roster.firstRoom + room),
      random,
    )
    this.#padding = Array.from({length: plan.payloadBytes - STAMP_LENGTH}, () => random.below(36).toString(36)).join('')
    this.#note = momentsOf(kit)
    this.#startDelay = kit.tally.distribution('start_delay')
    this.#count = {
      published: kit.tally.counter('messages_published'),
      acked: kit.tally.counter('messages_acked'),
      refused: kit.tally.counter('messages_refused'),
      unknown: kit.tally.counter('messages_unknown'),
      dropped: kit.tally.counter('dropped_arrivals'),
    }
  }

  /** Sends this worker's share of the messages, each when it is due; of all rooms as the plan says, unless told otherwise. */
  async run(users: Users, startAtMs: Ms, turns?: Turns): Promise<void> {
    const {messageRate, roster} = this.#plan
    const {speaks, rate, durationMs} = turns ?? {
      speaks: () => true,
      rate: messageRate,
      durationMs: this.#plan.durationMs,
    }
    const {clock, signal} = this.#kit
    const order = this.#order.filter(speaks)
    const ours = (n: number): boolean => {
      const start = roomStart(roster, roomOfTurn({n, order}))
      return start >= users.first && start < users.end
    }
    const sweeper = setInterval(() => this.#settleOldest(clock.now()), SWEEP_EVERY)
    await spend(arrivalsOf(steady(rate, durationMs), ours), {
      clock,
      signal,
      startAtMs,
      act: (n, dueMs) => this.#speak(users, {n, order}, dueMs),
    })
    await clock.sleep(startAtMs + durationMs - clock.now(), signal)
    clearInterval(sweeper)
  }

  acked(connection: ChatConnection, id: number | undefined): void {
    this.#answered(connection.user, id, 'accepted')
  }

  refused(connection: ChatConnection, id: number | undefined): void {
    if (id !== undefined) this.#answered(connection.user, id, 'failed')
  }

  /** The speaker's connection is gone: whatever it waited for stays unknown. */
  lost(user: number): void {
    const waiting = this.#pending.get(user)
    this.#pending.delete(user)
    for (const pending of waiting?.values() ?? []) this.#unknown(user, pending)
  }

  /** Nothing is waited for any longer. */
  end(): void {
    if (!this.#confirms) this.#settleOldest(Infinity)
    for (const user of [...this.#pending.keys()]) this.lost(user)
  }

  /** The room whose turn it is speaks through its next speaker that is there. */
  #speak(users: Users, turn: Turn, dueMs: Ms): void {
    const room = roomOfTurn(turn)
    const round = Math.floor(turn.n / turn.order.length)
    const {roster, speakersPerRoom} = this.#plan
    const members = membersOf(roster, room)
    const speakers = Math.min(speakersPerRoom, members)
    for (let tried = 0; tried < members; tried++) {
      // The room's speakers in turn; when none of them is there, whoever is.
      const member = tried < speakers ? (round + room + tried) % speakers : tried
      const connection = users.present(roomStart(roster, room) + member)
      if (connection) return this.#send(connection, dueMs)
    }
    this.#count.dropped.add(this.#kit.timeline.at(dueMs))
    this.#note('failed', dueMs)
  }

  #send(connection: ChatConnection, dueMs: Ms): void {
    const {clock, timeline, runId, startedAtMs} = this.#kit
    const {user} = connection
    const startedAt = clock.now()
    const phase = timeline.at(dueMs)
    const sequence = this.#book.publish(user, dueMs, startedAt)
    const id = connection.publish(writeStamp(runId, user, sequence, dueMs - startedAtMs) + this.#padding, sequence)
    this.#startDelay.record(phase, startedAt - dueMs)
    this.#count.published.add(phase)
    this.#pendingOf(user).set(id, {sequence, dueMs, sentAt: startedAt})
  }

  #answered(user: number, id: number | undefined, outcome: 'accepted' | 'failed'): void {
    const waiting = this.#pending.get(user)
    const answered = id ?? waiting?.keys().next().value
    const pending = answered === undefined ? undefined : waiting?.get(answered)
    if (!waiting || answered === undefined || !pending) return
    waiting.delete(answered)
    this.#book.settle(user, pending.sequence, outcome)
    const counter = outcome === 'accepted' ? this.#count.acked : this.#count.refused
    counter.add(this.#kit.timeline.at(pending.sentAt))
    this.#note(outcome === 'accepted' ? 'ok' : 'failed', pending.dueMs)
  }

  /** An ack that is overdue stays unknown; where there are no acks, a message is accepted once its connection outlived it. */
  #settleOldest(now: Ms): void {
    const overdue = now - (this.#confirms ? this.#plan.ackTimeoutMs : this.#plan.drain.quietMs)
    for (const [user, waiting] of this.#pending) {
      for (const [id, pending] of waiting) {
        if (pending.sentAt > overdue) break
        waiting.delete(id)
        if (this.#confirms) this.#unknown(user, pending)
        else this.#taken(user, pending)
      }
    }
  }

  /** Without acks, what its connection outlived was accepted. */
  #taken(user: number, {sequence, dueMs}: Pending): void {
    this.#book.settle(user, sequence, 'accepted')
    this.#note('ok', dueMs)
  }

  #unknown(user: number, {sequence, dueMs, sentAt}: Pending): void {
    this.#book.settle(user, sequence, 'unknown')
    this.#note('unknown', dueMs)
    this.#count.unknown.add(this.#kit.timeline.at(sentAt))
  }

  #pendingOf(user: number): Map<number, Pending> {
    const known = this.#pending.get(user)
    if (known) return known
    const fresh = new Map<number, Pending>()
    this.#pending.set(user, fresh)
    return fresh
  }
}

function roomOfTurn({n, order}: Turn): number {
  return order[n % order.length] ?? 0
}
