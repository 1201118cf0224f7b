/** The ledgers of one worker's rooms, and the counting of what arrives. */
import type {Ms} from '../../base/units.js'
import {holds, membersOf, roomOf, roomStart} from '../../chat/roster.js'
import {momentsOf, type NoteMoment} from '../../faults/course/moments.js'
import type {WorkerKit} from '../../load/worker-kit.js'
import {RoomLedger, type Missing} from '../../metrics/ledger.js'
import type {Acceptance, Receipt} from '../../metrics/stream.js'
import type {CounterHandle} from '../../metrics/tally.js'
import type {WsFloodPlan} from './plan.js'

/** A message that some members of a room never got. */
export interface MissingInRoom extends Missing {
  readonly room: number
}

/** A stamp tells its due time in whole microseconds; rounded down, one that begins a phase would fall before it. */
const STAMP_RESOLUTION: Ms = 0.001

/** Receivers are told from senders by arithmetic: publisher p of a room is its p-th member. */
export class RoomBook {
  readonly #plan: WsFloodPlan
  readonly #kit: WorkerKit
  readonly #first: number
  readonly #ledgers: readonly RoomLedger[]
  readonly #receipts: Readonly<Record<Exclude<Receipt, 'late-joiner'>, CounterHandle>>
  readonly #note: NoteMoment
  readonly #latency
  readonly #serviceTime
  readonly #missing: MissingInRoom[] = []
  /** Deliveries that were counted as lost already. */
  readonly #tooLate = new Set<string>()
  #closed = false
  /** When the last stamp arrived, on the clock; undefined before the first. */
  lastArrival: Ms | undefined

  constructor(plan: WsFloodPlan, kit: WorkerKit, rooms: {first: number; end: number}) {
    this.#plan = plan
    this.#kit = kit
    this.#first = rooms.first
    this.#ledgers = Array.from({length: rooms.end - rooms.first}, (_, index) => {
      const members = membersOf(plan.roster, rooms.first + index)
      return new RoomLedger({members, publishers: members, echo: plan.guarantees.echo, inFlightMs: plan.drain.quietMs})
    })
    const {tally} = kit
    this.#note = momentsOf(kit)
    this.#receipts = {
      delivered: tally.counter('messages_delivered'),
      reordered: tally.counter('messages_reordered'),
      duplicated: tally.counter('messages_duplicated'),
      unexpected: tally.counter('messages_unexpected'),
    }
    this.#latency = tally.distribution('delivery_latency')
    this.#serviceTime = tally.distribution('service_time')
  }

  enter(user: number): void {
    this.#ledgerOf(user)?.enter(this.#memberOf(user))
  }

  lose(user: number): void {
    this.#ledgerOf(user)?.lose(this.#memberOf(user), this.#kit.clock.now())
  }

  depart(user: number): void {
    this.#ledgerOf(user)?.depart(this.#memberOf(user), this.#kit.clock.now())
  }

  /** The sequence of a message that a speaker sends now. */
  publish(speaker: number, dueMs: Ms, startedAt: Ms): number {
    const member = this.#memberOf(speaker)
    const phase = this.#kit.timeline.at(dueMs)
    return this.#ledgerOf(speaker)?.publish(member, member, {phase, startedAt}) ?? 0
  }

  settle(speaker: number, sequence: number, acceptance: Acceptance): void {
    this.#ledgerOf(speaker)?.settle(this.#memberOf(speaker), sequence, acceptance, this.#kit.clock.now())
  }

  /** A stamp arrived at `user`; `due` in ms since the run's start. */
  receive(user: number, publisher: number, sequence: number, due: Ms): void {
    if (this.#closed) return
    const now = this.#kit.clock.now()
    this.lastArrival = now
    const dueMs = this.#kit.startedAtMs + due
    const phase = this.#kit.timeline.at(dueMs + STAMP_RESOLUTION)
    const ledger = this.#ledgerOf(user)
    if (!ledger || !this.#sameRoom(user, publisher)) return this.#receipts.unexpected.add(phase)
    const sender = this.#memberOf(publisher)
    const startedAt = ledger.startedAt(sender, sequence)
    const receipt = ledger.receive(this.#memberOf(user), sender, sequence)
    if (receipt === 'late-joiner') return
    if (receipt !== 'delivered' && receipt !== 'reordered') {
      if (!this.#wasLost(user, publisher, sequence)) this.#amiss(receipt, phase, dueMs)
      return
    }
    this.#receipts.delivered.add(phase)
    if (receipt === 'reordered') this.#receipts.reordered.add(phase)
    this.#latency.record(phase, now - dueMs)
    if (startedAt !== undefined) this.#serviceTime.record(phase, now - startedAt)
  }

  #amiss(receipt: 'duplicated' | 'unexpected', phase: string, dueMs: Ms): void {
    this.#receipts[receipt].add(phase)
    if (receipt === 'duplicated') this.#note('duplicated', dueMs)
  }

  /** Whether every message was answered and reached everyone. */
  get settled(): boolean {
    return this.#ledgers.every((ledger) => ledger.settled)
  }

  /** Closes all ledgers for good: counts as `conclude` does, and who was due nothing; yields all that was ever missing. */
  close(): MissingInRoom[] {
    this.#closed = true
    const {tally, timeline, clock} = this.#kit
    const unproven = this.#conclude()
    if (unproven > 0) tally.counter('users_unproven').add(timeline.at(clock.now()), unproven)
    return this.#missing
  }

  /** Counts what was due and lost so far. What comes later is neither delivered nor a duplicate any more. */
  conclude(): void {
    this.#conclude()
    for (const {room, publisher, sequence, members} of this.#missing)
      for (const member of members) this.#tooLate.add(keyOf(room, publisher, sequence, member))
  }

  /** Yields the number of users that were due nothing. */
  #conclude(): number {
    const {tally} = this.#kit
    const expected = tally.counter('deliveries_expected')
    const lost = tally.counter('messages_lost')
    let unproven = 0
    for (const [index, ledger] of this.#ledgers.entries()) {
      const account = ledger.close()
      for (const [phase, deliveries] of account.expected) expected.add(phase, deliveries)
      for (const {phase, members} of account.missing) lost.add(phase, members.length)
      for (const missing of account.missing) this.#missing.push({...missing, room: this.#first + index})
      unproven += account.unproven.length
    }
    return unproven
  }

  #ledgerOf(user: number): RoomLedger | undefined {
    return this.#ledgers[roomOf(this.#plan.roster, user) - this.#first]
  }

  #memberOf(user: number): number {
    return user - roomStart(this.#plan.roster, roomOf(this.#plan.roster, user))
  }

  #wasLost(user: number, publisher: number, sequence: number): boolean {
    const room = roomOf(this.#plan.roster, user)
    return this.#tooLate.delete(keyOf(room, this.#memberOf(publisher), sequence, this.#memberOf(user)))
  }

  #sameRoom(user: number, publisher: number): boolean {
    const {roster} = this.#plan
    return holds(roster, publisher) && roomOf(roster, publisher) === roomOf(roster, user)
  }
}

function keyOf(room: number, publisher: number, sequence: number, member: number): string {
  return `${room}:${publisher}:${sequence}:${member}`
}
