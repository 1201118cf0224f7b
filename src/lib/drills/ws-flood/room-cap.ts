/** Fills one room to its cap and beyond, lets it talk, and sees who gets in, who is turned away how, and who inside suffers. */
import type {Ms} from '../../base/units.js'
import type {Identities} from '../../chat/identities.js'
import {roomStart} from '../../chat/roster.js'
import {alone, shareWith} from '../../chat/share.js'
import {quietCounters, userCounters} from '../../chat/user-counters.js'
import type {WorkerKit} from '../../load/worker-kit.js'
import type {Ending} from '../../protocols/chat-connection.js'
import {isGraceful} from './graceful.js'
import {OURS_RAN_OUT} from './own-limits.js'
import {populationOf, type Population} from './population.js'
import type {MissingInRoom} from './room-book.js'
import type {RoomCapPlan} from './room-cap-plan.js'
import type {WsFloodShare} from './share.js'

/** After the last answer, before heads are counted: a member that is thrown out may hear of it a little later. */
const SETTLING: Ms = 250
/** A join that the server does not confirm holds when the connection lives on for so long. */
const UNCONFIRMED: Ms = 1000
/** A newcomer that is told nothing for so long was not refused politely. */
const PATIENCE: Ms = 10_000
/** A member that was there for so many messages of its room was due one for certain. */
const ENOUGH_MESSAGES = 3
/** How often those outside try to get the seats that were left, and the pause in between. */
const TRIES = 4
const PAUSE: Ms = 1000

export class RoomCap {
  readonly population: Population
  readonly #cap: RoomCapPlan
  readonly #kit: WorkerKit
  readonly #count
  /** Those in the room now, with the time at which they came in. */
  readonly #inside = new Map<number, Ms>()
  /** Those that the room has had, for exposure. */
  readonly #known = new Set<number>()
  /** Members that were thrown out, or missed a message. */
  readonly #suffered = new Set<number>()
  readonly #left = new Set<number>()
  #over = 0
  #talkEndsMs: Ms = Infinity
  #ending = false

  constructor(share: WsFloodShare, kit: WorkerKit, {cap, identities}: {cap: RoomCapPlan; identities: Identities}) {
    this.#cap = cap
    this.#kit = kit
    this.#count = countersOf(kit)
    const {roster, messageRate} = cap
    // Whoever is turned away stays out until all try again together; whoever is thrown out is counted once.
    const changes = {roster, messageRate, reconnect: 'off', connectTimeoutMs: PATIENCE} as const
    this.population = populationOf(shareWith(share, changes), alone(kit), {
      identities,
      counters: {...quietCounters, protocolError: userCounters(kit).protocolError},
      entered: (user) => void this.#inside.set(user, kit.clock.now()),
      ended: (user, ending) => this.#ended(user, ending),
    })
  }

  /** All try to get in; those that speak come first, so that the room has them. */
  async fill(startAtMs: Ms): Promise<void> {
    const {users, share} = this.population
    const speakers = Math.min(share.plan.speakersPerRoom, this.#cap.cap)
    await users.connect(startAtMs, {first: users.first, end: users.first + speakers})
    await users.connect(this.#kit.clock.now(), {first: users.first + speakers, end: users.end})
    await this.#countHeads()
  }

  /** While the room talks: those outside try again as it is full, and again when some have left. */
  async challenge(startAtMs: Ms): Promise<void> {
    const {durationMs} = this.population.share.plan
    this.#talkEndsMs = startAtMs + durationMs
    await this.#until(startAtMs + Math.max(durationMs / 4, this.#enoughTalk))
    await this.#tryAgain()
    await this.#until(Math.max(startAtMs + durationMs / 2, this.#kit.clock.now() + this.#enoughTalk))
    if (this.#isStopped()) return
    await this.#letGo()
    const offered = this.#freeSeats
    for (let tries = 0; tries < TRIES && this.#freeSeats > 0 && !this.#isStopped(); tries++) {
      if (tries > 0) await this.#kit.clock.sleep(Math.max(PAUSE, this.#enoughTalk), this.#kit.signal)
      await this.#tryAgain()
    }
    if (this.#isStopped()) return
    this.#count.seats.add(this.#phase, offered)
    this.#count.under.add(this.#phase, this.#freeSeats)
  }

  /** What the ledger of the room says was missed. */
  account(missing: readonly MissingInRoom[]): void {
    this.#ending = true
    for (const {room, members} of missing) {
      for (const member of members) this.#suffers(roomStart(this.#cap.roster, room) + member)
    }
  }

  /** Seats that somebody outside could have; members that were thrown out are told apart. */
  get #freeSeats(): number {
    const thrownOut = [...this.#suffered].filter((user) => !this.#inside.has(user)).length
    return Math.max(0, Math.min(this.#cap.cap - this.#inside.size - thrownOut, this.#outside.length))
  }

  /** Users that were never let in. */
  get #outside(): number[] {
    const {users} = this.population
    const all = Array.from({length: users.end - users.first}, (_, n) => users.first + n)
    return all.filter((user) => !this.#inside.has(user) && !this.#left.has(user) && !this.#suffered.has(user))
  }

  #isStopped(): boolean {
    return this.#kit.signal.aborted
  }

  get #enoughTalk(): Ms {
    return (ENOUGH_MESSAGES * 1000) / this.#cap.messageRate
  }

  get #phase(): string {
    return this.#kit.timeline.at(this.#kit.clock.now())
  }

  async #tryAgain(): Promise<void> {
    if (this.#isStopped()) return
    await this.population.users.tryAgain(this.#outside)
    await this.#countHeads()
  }

  /** The last to come leave, so that those who speak stay. */
  async #letGo(): Promise<void> {
    const {users, talk, book} = this.population
    const leaving = [...this.#inside.keys()].sort((one, other) => other - one).slice(0, this.#cap.leavers)
    for (const user of leaving) {
      this.#left.add(user)
      this.#inside.delete(user)
      talk.lost(user)
      book.lose(user)
    }
    await users.leave(leaving)
  }

  /** Whoever is inside by now is due what is said from now on, if enough is said. */
  async #countHeads(): Promise<void> {
    const {clock, signal} = this.#kit
    await clock.sleep(this.population.users.dialect.confirmsJoin ? SETTLING : UNCONFIRMED, signal)
    const talkGoesOn = clock.now() + this.#enoughTalk < this.#talkEndsMs
    for (const user of this.#inside.keys()) {
      if (this.#isMember(user) && talkGoesOn) this.population.book.enter(user)
    }
    const more = Math.max(0, this.#inside.size - this.#cap.cap - this.#over)
    this.#over += more
    this.#count.over.add(this.#phase, more)
    this.#count.attempts.add(this.#phase, more)
  }

  #ended(user: number, ending: Ending): void {
    const since = this.#inside.get(user)
    this.#inside.delete(user)
    if (this.#ending) return
    const {confirmsJoin} = this.population.users.dialect
    const unconfirmed = !confirmsJoin && since !== undefined && this.#kit.clock.now() - since < UNCONFIRMED
    if (since === undefined || unconfirmed) return this.#turnedAway(ending)
    this.#isMember(user)
    this.#suffers(user)
  }

  #turnedAway(ending: Ending): void {
    if (ending.reason in OURS_RAN_OUT) return userCounters(this.#kit).error(ending.reason)
    this.#count.attempts.add(this.#phase)
    if (!isGraceful(ending))
      this.#kit.tally.counter('room_refusals_ungraceful', {reason: ending.reason}).add(this.#phase)
  }

  /** True when it was not known before. */
  #isMember(user: number): boolean {
    if (this.#known.has(user)) return false
    this.#known.add(user)
    this.#count.members.add(this.#phase)
    return true
  }

  #suffers(user: number): void {
    if (this.#suffered.has(user)) return
    this.#suffered.add(user)
    this.#count.bystanders.add(this.#phase)
  }

  async #until(atMs: Ms): Promise<void> {
    const {clock, signal} = this.#kit
    await clock.sleep(atMs - clock.now(), signal)
  }
}

function countersOf({tally}: WorkerKit) {
  return {
    members: tally.counter('room_members'),
    attempts: tally.counter('room_attempts_beyond'),
    seats: tally.counter('room_seats_offered'),
    over: tally.counter('room_overadmitted'),
    under: tally.counter('room_underadmitted'),
    bystanders: tally.counter('room_bystander_errors'),
  }
}
