/** The ledgers of one worker's rooms, and the counting of what comes out at their seats. */
import type {Ms} from '../../base/units.js'
import {momentsOf, type NoteMoment} from '../../faults/course/moments.js'
import type {WorkerKit} from '../../load/worker-kit.js'
import {RoomLedger, type Missing} from '../../metrics/ledger.js'
import type {Acceptance} from '../../metrics/stream.js'
import {
  roomOfSeat,
  roomOfVoice,
  seatsIn,
  voicesIn,
  voicesOf,
  type Layout,
  type Range,
} from '../../protocols/messaging/layout.js'

export interface MissingInRoom extends Missing {
  readonly room: number
  readonly voice: number
}

interface Rules {
  readonly layout: Layout
  readonly rooms: Range
  /** What is on its way to a seat that leaves within this time was not due to it. */
  readonly inFlightMs: Ms
}

/** A stamp tells its due time in whole microseconds; rounded down, one that begins a phase would fall before it. */
const STAMP_RESOLUTION: Ms = 0.001
/** Nobody: a voice has no seat, so that it gets nothing back. */
const NO_SEAT = -1

export class DeliveryBook {
  readonly #layout: Layout
  readonly #rooms: Range
  readonly #kit: WorkerKit
  readonly #ledgers: readonly RoomLedger[]
  readonly #count
  readonly #latency
  readonly #serviceTime
  readonly #note: NoteMoment
  /** Deliveries that were counted as lost already. */
  readonly #tooLate = new Set<string>()
  #closed = false
  /** What comes out by then counts for the rate of deliveries. */
  inTimeUntilMs: Ms = Infinity
  /** When the last stamp came out, on the clock; undefined before the first. */
  lastArrival: Ms | undefined

  constructor({layout, rooms, inFlightMs}: Rules, kit: WorkerKit) {
    this.#layout = layout
    this.#rooms = rooms
    this.#kit = kit
    this.#note = momentsOf(kit)
    this.#ledgers = Array.from({length: rooms.end - rooms.first}, (_, index) => {
      const voices = voicesIn(layout, rooms.first + index)
      return new RoomLedger({
        members: layout.fanout,
        publishers: voices.end - voices.first,
        echo: true,
        inFlightMs,
      })
    })
    const {tally} = kit
    this.#count = {
      delivered: tally.counter('messages_delivered'),
      inTime: tally.counter('deliveries_in_time'),
      reordered: tally.counter('messages_reordered'),
      duplicated: tally.counter('messages_duplicated'),
      redelivered: tally.counter('messages_redelivered'),
      unexpected: tally.counter('messages_unexpected'),
    }
    this.#latency = tally.distribution('delivery_latency')
    this.#serviceTime = tally.distribution('service_time')
  }

  enter(seat: number): void {
    this.#ledgerOfSeat(seat)?.enter(seat % this.#layout.fanout)
  }

  leave(seat: number): void {
    this.#ledgerOfSeat(seat)?.lose(seat % this.#layout.fanout, this.#kit.clock.now())
  }

  /** The sequence of a message that a voice sends now. */
  publish(voice: number, phase: string, startedAt: Ms): number {
    const room = roomOfVoice(this.#layout, voice)
    return this.#ledger(room)?.publish(this.#placeOf(voice, room), NO_SEAT, {phase, startedAt}) ?? 0
  }

  settle(voice: number, sequence: number, acceptance: Acceptance): void {
    const room = roomOfVoice(this.#layout, voice)
    this.#ledger(room)?.settle(this.#placeOf(voice, room), sequence, acceptance, this.#kit.clock.now())
  }

  /** A stamp came out at `seat`; `due` in ms since the run's start. `again`: the carrier says that it may be a repeat of its own. */
  receive(seat: number, arrived: Arrived): void {
    if (this.#closed) return
    const {clock, timeline, startedAtMs} = this.#kit
    const {voice, sequence} = arrived
    const now = clock.now()
    this.lastArrival = now
    const dueMs = startedAtMs + arrived.due
    const phase = timeline.at(dueMs + STAMP_RESOLUTION)
    const ledger = this.#ledgerOfSeat(seat)
    const room = roomOfSeat(this.#layout, seat)
    if (!ledger || !this.#speaksIn(room, voice)) return this.#count.unexpected.add(phase)
    const place = this.#placeOf(voice, room)
    const startedAt = ledger.startedAt(place, sequence)
    const receipt = ledger.receive(seat % this.#layout.fanout, place, sequence)
    if (receipt === 'delivered' || receipt === 'reordered')
      return this.#delivered(phase, {now, dueMs, startedAt, inOrder: receipt === 'delivered'})
    // A seat that came in late has no claim to it, and what was written off is neither delivered nor wrong.
    if (receipt === 'late-joiner' || this.#tooLate.delete(keyOf(seat, voice, sequence))) return
    if (receipt === 'duplicated') this.#duplicated(phase, dueMs, arrived.again)
    else this.#count.unexpected.add(phase)
  }

  #delivered(phase: string, {now, dueMs, startedAt, inOrder}: Delivery): void {
    this.#count.delivered.add(phase)
    if (now <= this.inTimeUntilMs) this.#count.inTime.add(phase)
    if (!inOrder) this.#count.reordered.add(phase)
    this.#latency.record(phase, now - dueMs)
    if (startedAt !== undefined) this.#serviceTime.record(phase, now - startedAt)
  }

  /** What carriers hand over twice and say so is theirs to do: they promise no more than at least once. */
  #duplicated(phase: string, dueMs: Ms, again: boolean): void {
    if (again) return this.#count.redelivered.add(phase)
    this.#count.duplicated.add(phase)
    this.#note('duplicated', dueMs)
  }

  /** Deliveries that are still awaited. */
  get awaited(): number {
    return this.#ledgers.reduce((sum, ledger) => sum + ledger.awaited, 0)
  }

  /** Whether every message was answered and came out everywhere. */
  get settled(): boolean {
    return this.#ledgers.every((ledger) => ledger.settled)
  }

  /** Counts what was due and lost so far, and yields what is missing; what comes later counts no more when it is for good. */
  conclude({forGood}: {readonly forGood: boolean}): MissingInRoom[] {
    this.#closed = forGood
    const {tally} = this.#kit
    const expected = tally.counter('deliveries_expected')
    const lost = tally.counter('messages_lost')
    return this.#ledgers.flatMap((ledger, index) => {
      const account = ledger.close()
      for (const [phase, deliveries] of account.expected) expected.add(phase, deliveries)
      for (const {phase, members, startedAt} of account.missing) {
        lost.add(phase, members.length)
        this.#note('lost', startedAt, members.length)
      }
      return account.missing.map((missing) => this.#written(missing, this.#rooms.first + index))
    })
  }

  /** What is written off and comes out after all is neither delivered nor a duplicate. */
  #written(missing: Missing, room: number): MissingInRoom {
    const voice = voicesIn(this.#layout, room).first + missing.publisher
    const {first} = seatsIn(this.#layout, room)
    if (!this.#closed)
      for (const member of missing.members) this.#tooLate.add(keyOf(first + member, voice, missing.sequence))
    return {...missing, room, voice}
  }

  /** All seats of this worker's rooms are taken from now on. */
  enterAll(): void {
    for (let room = this.#rooms.first; room < this.#rooms.end; room++) {
      const seats = seatsIn(this.#layout, room)
      for (let seat = seats.first; seat < seats.end; seat++) this.enter(seat)
    }
  }

  #speaksIn(room: number, voice: number): boolean {
    return voice < voicesOf(this.#layout) && roomOfVoice(this.#layout, voice) === room
  }

  #placeOf(voice: number, room: number): number {
    return voice - voicesIn(this.#layout, room).first
  }

  #ledgerOfSeat(seat: number): RoomLedger | undefined {
    return this.#ledger(roomOfSeat(this.#layout, seat))
  }

  #ledger(room: number): RoomLedger | undefined {
    return this.#ledgers[room - this.#rooms.first]
  }
}

interface Delivery {
  readonly now: Ms
  readonly dueMs: Ms
  readonly startedAt: Ms | undefined
  readonly inOrder: boolean
}

export interface Arrived {
  readonly voice: number
  readonly sequence: number
  readonly due: Ms
  readonly again: boolean
}

function keyOf(seat: number, voice: number, sequence: number): string {
  return `${seat}:${voice}:${sequence}`
}
