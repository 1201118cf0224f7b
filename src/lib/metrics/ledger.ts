/** The record of who must have received what in one room; it yields lost, duplicated, reordered and unexpected. */
import type {Ms} from '../base/units.js'
import {Attendance} from './attendance.js'
import {Bits} from './bits.js'
import {
  awaitedOf,
  complete,
  freshStream,
  isInOrder,
  nextOf,
  receiptOfForgotten,
  type Acceptance,
  type Departure,
  type Open,
  type Receipt,
  type Stream,
} from './stream.js'

export interface RoomRules {
  readonly members: number
  readonly publishers: number
  /** The sender gets its own message back. */
  readonly echo: boolean
  /** A message in flight towards a member that leaves within this time after the ack was not due to it. */
  readonly inFlightMs: Ms
}

/** A message that someone waited for in vain. */
export interface Missing {
  readonly publisher: number
  readonly sequence: number
  readonly phase: string
  /** When it was really sent. */
  readonly startedAt: Ms
  readonly members: readonly number[]
}

export interface RoomAccount {
  /** Deliveries that were due, by phase: members in the room throughout × accepted messages. */
  readonly expected: ReadonlyMap<string, number>
  readonly missing: readonly Missing[]
  /** Members that were in the room and were due no message at all: nothing is proven about them. */
  readonly unproven: readonly number[]
}

/** Memory: one open entry for each message that someone still waits for; a number for each member and each publisher that spoke. */
export class RoomLedger {
  readonly #rules: RoomRules
  readonly #attendance: Attendance
  /** By publisher, from its first message on: of many members only a few speak. */
  readonly #streams = new Map<number, Stream>()
  readonly #expected = new Map<string, number>()
  #awaited = 0

  constructor(rules: RoomRules) {
    this.#rules = rules
    this.#attendance = new Attendance(rules.members)
  }

  /** A member is in the room from now on. */
  enter(member: number): void {
    const marks = [...this.#streams].map(([publisher, stream]): [number, number] => [publisher, nextOf(stream)])
    this.#attendance.enter(member, marks.length > 0 ? new Map(marks) : undefined)
  }

  /** A member lost its connection; what was in flight towards it is no longer due. */
  lose(member: number, at: Ms): void {
    if (!this.#attendance.has(member)) return
    this.#attendance.lose(member)
    for (const stream of this.#streams.values()) {
      for (const open of stream.open) if (open && this.#excuses(open, member, at)) this.#excuse(open, member)
      this.#retireAll(stream)
    }
  }

  /** A member left the room of its own will; whatever reaches it from now on is unexpected. */
  depart(member: number, at: Ms): void {
    this.lose(member, at)
    this.#attendance.depart(member)
  }

  /** A message leaves now; returns its sequence, counted from 0 for each publisher. */
  publish(publisher: number, sender: number, {phase, startedAt}: Departure): number {
    const stream = this.#stream(publisher)
    stream.sender = sender
    const due = this.#attendance.present()
    if (!this.#rules.echo) due.remove(sender)
    const got = new Bits(this.#rules.members)
    stream.open.push({phase, startedAt, acceptance: 'pending', acceptedAt: 0, due, got, waiting: due.size})
    this.#awaited += due.size
    return nextOf(stream) - 1
  }

  /** When a message that is still on its way was really sent; undefined once everyone has it. */
  startedAt(publisher: number, sequence: number): Ms | undefined {
    const stream = this.#streams.get(publisher)
    return stream?.open[sequence - stream.base]?.startedAt
  }

  /** The outcome of publishing is known; an ack that comes after its time still counts. */
  settle(publisher: number, sequence: number, acceptance: Acceptance, at: Ms): void {
    const stream = this.#stream(publisher)
    const open = stream.open[sequence - stream.base]
    if (!open) return
    this.#awaited -= awaitedOf(open)
    open.acceptance = acceptance
    open.acceptedAt = at
    this.#awaited += awaitedOf(open)
    if (acceptance === 'failed') stream.refused.add(sequence)
    this.#retire(stream, sequence)
  }

  /** A stamp arrived at a member. */
  receive(member: number, publisher: number, sequence: number): Receipt {
    const stream = this.#streams.get(publisher)
    if (!stream || sequence >= nextOf(stream)) return 'unexpected'
    if (this.#attendance.hasDeparted(member)) return 'unexpected'
    return this.#account(stream, {member, publisher, sequence})
  }

  #account(
    stream: Stream,
    {member, publisher, sequence}: {member: number; publisher: number; sequence: number},
  ): Receipt {
    const early = this.#attendance.wasAway(member, publisher, sequence)
    if (!early && this.#hasNoEcho(member, stream)) return 'unexpected'
    const open = stream.open[sequence - stream.base]
    if (!open) return early ? 'late-joiner' : receiptOfForgotten(stream, sequence)
    if (open.got.has(member)) return 'duplicated'
    open.got.add(member)
    if (!open.due.has(member)) return early ? 'late-joiner' : 'unexpected'
    this.#tick(open)
    this.#attendance.prove(member)
    this.#retire(stream, sequence)
    return isInOrder(stream, member, sequence) || early ? 'delivered' : 'reordered'
  }

  /** Whether any message still waits for a receiver or an answer. */
  get settled(): boolean {
    return [...this.#streams.values()].every((stream) => stream.open.every((open) => open === undefined))
  }

  /** Deliveries that are still to come, of messages that were accepted or may be. */
  get awaited(): number {
    return this.#awaited
  }

  /** Closes the book so far: what was accepted and has not come is lost. What is told once is not told again by a later close. */
  close(): RoomAccount {
    const missing: Missing[] = []
    for (const [publisher, stream] of this.#streams) {
      for (const [index, open] of stream.open.entries()) {
        if (!open) continue
        const members = open.acceptance === 'accepted' ? [...open.due].filter((member) => !open.got.has(member)) : []
        if (members.length > 0) {
          const {phase, startedAt} = open
          missing.push({publisher, sequence: stream.base + index, phase, startedAt, members})
        }
        for (const member of members) this.#attendance.prove(member)
        this.#expect(open.phase, open.due.size - open.waiting + members.length)
      }
      stream.base += stream.open.length
      stream.open.length = 0
    }
    this.#awaited = 0
    const expected = new Map(this.#expected)
    this.#expected.clear()
    return {expected, missing, unproven: this.#attendance.unproven()}
  }

  #expect(phase: string, deliveries: number): void {
    this.#expected.set(phase, (this.#expected.get(phase) ?? 0) + deliveries)
  }

  #stream(publisher: number): Stream {
    const known = this.#streams.get(publisher)
    if (known) return known
    if (!(publisher < this.#rules.publishers))
      throw new RangeError(`publisher ${publisher} of ${this.#rules.publishers}`)
    const fresh = freshStream(this.#rules.members)
    this.#streams.set(publisher, fresh)
    return fresh
  }

  #excuse(open: Open, member: number): void {
    open.due.remove(member)
    this.#tick(open)
  }

  /** One member fewer waits for it. */
  #tick(open: Open): void {
    this.#awaited -= awaitedOf(open)
    open.waiting--
    this.#awaited += awaitedOf(open)
  }

  /** What was accepted well before the member left had its time to arrive, and stays due. */
  #excuses(open: Open, member: number, leftAt: Ms): boolean {
    if (!open.due.has(member) || open.got.has(member)) return false
    return open.acceptance !== 'accepted' || open.acceptedAt + this.#rules.inFlightMs > leftAt
  }

  /** A sender that must not get its own messages back. */
  #hasNoEcho(member: number, {sender}: Stream): boolean {
    return !this.#rules.echo && member === sender
  }

  /** Lets go of what is complete, so that memory follows what is in flight and not the length of the run. */
  #retire(stream: Stream, sequence: number): void {
    const open = stream.open[sequence - stream.base]
    if (!open || !complete(open)) return
    this.#expect(open.phase, open.due.size - open.waiting)
    stream.open[sequence - stream.base] = undefined
    while (stream.open.length > 0 && stream.open[0] === undefined) {
      stream.open.shift()
      stream.base++
    }
  }

  #retireAll(stream: Stream): void {
    for (let sequence = stream.base; sequence < nextOf(stream); sequence++) this.#retire(stream, sequence)
  }
}
