/** The virtual users of one worker: they connect when due, enter their rooms, and come back when they were thrown out. */
import {fullJitter} from '../base/random.js'
import type {Ms, PerSecond} from '../base/units.js'
import {spend} from '../load/spend.js'
import {share as arrivalsOf} from '../pacing/share.js'
import {steady} from '../pacing/steady.js'
import type {ChatConnection, Ending, Line} from '../protocols/chat-connection.js'
import {openConnection} from '../protocols/open-connection.js'
import {StampReader} from '../protocols/stamp.js'
import {compileDialect, type Dialect} from '../protocols/websocket/dialect.js'
import {Undecided, type Attempt, type Dialling} from './attempt.js'
import {dialling} from './dialling.js'
import {endConnections} from './end-connections.js'
import type {Identities} from './identities.js'
import {KeepAlives} from './keep-alive.js'
import {roomStart, roomsOfWorker} from './roster.js'
import type {ChatShare} from './share.js'
import type {UserCounters} from './user-counters.js'
import type {UserEvents, UserKit, UserParts} from './user-parts.js'

/** A user whose join the server does not confirm is taken to be in the room after this. */
const UNCONFIRMED_JOIN: Ms = 1000

export class Users {
  readonly first: number
  readonly end: number
  readonly dialect: Dialect
  readonly #share: ChatShare
  readonly #kit: UserKit
  readonly #events: UserEvents
  readonly #identities: Identities
  readonly #line: Line
  readonly #dial
  readonly #nodeOf: (user: number) => number
  readonly #count: UserCounters
  readonly #keepAlives: KeepAlives
  readonly #connections = new Map<number, ChatConnection>()
  /** Attempts under way, by user; one that takes too long is given up. */
  readonly #attempts = new Map<number, Attempt>()
  /** Users from here on are not wanted: none is opened, and whoever goes is not missed. */
  #limit: number
  /** Users that left for good. */
  readonly #gone = new Set<number>()
  readonly #undecided = new Undecided()
  #sweeper: NodeJS.Timeout | undefined
  #closing = false

  constructor(share: ChatShare, {kit, identities, events, counters, nodeOf = (user) => user}: UserParts) {
    const {roster} = share.plan
    const rooms = roomsOfWorker(roster, kit.index, kit.workers)
    this.first = roomStart(roster, rooms.first)
    this.end = roomStart(roster, rooms.end)
    this.#limit = this.end
    this.#share = share
    this.#kit = kit
    this.#events = events
    this.#identities = identities
    this.#count = counters
    this.dialect = compileDialect(share.target.profile.protocol)
    this.#keepAlives = new KeepAlives(share.plan.keepAlive, this.dialect)
    this.#dial = dialling(share, this.dialect)
    this.#nodeOf = nodeOf
    this.#line = {
      dialect: this.dialect,
      reader: new StampReader(kit.runId),
      who: (user) => identities.who(user),
      listener: {
        stamp: events.stamp,
        acked: events.acked,
        publishRefused: events.publishRefused,
        entered: (connection) => this.#entered(connection),
        ended: (connection, ending) => this.#ended(connection, ending),
        protocolError: (_, reason) => this.#count.protocolError(reason),
      },
    }
  }

  /** Opens users, evenly paced: all, or some. Resolves when the first attempt of each is decided, or the signal aborts. */
  async connect(startAtMs: Ms, {first, end} = {first: this.first, end: this.end}): Promise<void> {
    const {plan} = this.#share
    this.#limit = end
    const rate = (plan.connectRate * (this.end - this.first)) / plan.roster.users
    await this.#dialAll(startAtMs, rate, {users: end - first, userAt: (n) => first + n})
  }

  /** Lets users that were not let in try once more, at the plan's rate; resolves as `connect` does. */
  async tryAgain(users: readonly number[]): Promise<void> {
    const userAt = (n: number): number => users[n] ?? this.first
    await this.#dialAll(this.#kit.clock.now(), this.#share.plan.connectRate, {users: users.length, userAt})
  }

  async #dialAll(startAtMs: Ms, rate: PerSecond, {users, userAt}: Dialling): Promise<void> {
    if (users <= 0) return
    const {clock, signal} = this.#kit
    this.#sweeper ??= setInterval(() => this.#sweep(), this.#keepAlives.sweepEveryMs)
    const decided = this.#undecided.wait(users)
    const stopped = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
    // A hair longer than the last gap, so that rounding never loses the last user.
    const schedule = steady(rate, ((users - 0.5) * 1000) / rate)
    await spend(
      arrivalsOf(schedule, () => true),
      {
        clock,
        signal,
        startAtMs,
        act: (n, dueMs) => this.#dialUser(userAt(n), {dueMs, triedMs: clock.now(), tries: 0, again: false}),
      },
    )
    if (!signal.aborted) await Promise.race([decided, stopped])
  }

  /** Connections that are open, or on their way to be. */
  get size(): number {
    return this.#connections.size
  }

  /** The connection of a user that is in its room. */
  present(user: number): ChatConnection | undefined {
    const connection = this.#connections.get(user)
    return connection?.stage === 'in' ? connection : undefined
  }

  /** Closes every connection in order, and at once what does not close in time. */
  async close(): Promise<void> {
    this.#closing = true
    clearInterval(this.#sweeper)
    await this.dismiss(this.first)
  }

  /** Closes the connections of the users from `limit` on, as `close` does. */
  async dismiss(limit: number): Promise<void> {
    this.#limit = limit
    const leaving = [...this.#connections.values()].filter(({user}) => user >= limit)
    for (const connection of leaving) connection.depart()
    await endConnections(leaving, this.#kit.clock)
  }

  /** Some users go for good, as people do who close a window: without a frame to leave. */
  async leave(users: readonly number[]): Promise<void> {
    for (const user of users) this.#gone.add(user)
    const leaving = users.flatMap((user) => this.#connections.get(user) ?? [])
    for (const connection of leaving) connection.close(1000)
    await endConnections(leaving, this.#kit.clock)
  }

  #dialUser(user: number, attempt: Attempt): void {
    if (this.#closing || user >= this.#limit || this.#kit.signal.aborted) return
    this.#attempts.set(user, attempt)
    if (attempt.again) this.#count.retried()
    const admission = this.#identities.admit(user)
    if (!admission) return this.#open(user)
    admission.then(
      () => this.#openLate(user),
      () => this.#failed(user, 'login-refused'),
    )
  }

  /** A login on the way is no part of connecting. */
  #openLate(user: number): void {
    const attempt = this.#attempts.get(user)
    const now = this.#kit.clock.now()
    if (!attempt || this.#closing) return
    this.#attempts.set(user, {...attempt, dueMs: attempt.dueMs + now - attempt.triedMs, triedMs: now})
    this.#open(user)
  }

  #open(user: number): void {
    const {url, options} = this.#dial(user, this.#identities.who(user), this.#nodeOf(user))
    this.#connections.set(user, openConnection(this.#line, {user, url, options}))
  }

  #entered(connection: ChatConnection): void {
    const {user} = connection
    const attempt = this.#attempts.get(user)
    this.#attempts.delete(user)
    if (!attempt) return
    const {clock, signal} = this.#kit
    if (attempt.again) this.#count.reconnected()
    else {
      this.#count.established(clock.now(), attempt.dueMs)
      this.#undecided.decide()
    }
    this.#count.open(this.#connections.size - this.#attempts.size)
    if (!attempt.again || this.dialect.confirmsJoin) return this.#events.entered(user)
    void clock.sleep(UNCONFIRMED_JOIN, signal).then(() => {
      if (this.#connections.get(user) === connection && connection.stage === 'in') this.#events.entered(user)
    })
  }

  /** Whoever had a socket was thrown out; whoever had none was not let in. */
  #ended(connection: ChatConnection, {stage, reason, refused, code}: Ending): void {
    const {user} = connection
    if (this.#connections.get(user) === connection) this.#connections.delete(user)
    if (this.#closing || user >= this.#limit || this.#gone.has(user)) return void this.#attempts.delete(user)
    this.#events.ended?.(user, {stage, reason, refused, code})
    if (stage === 'connecting' || refused) return this.#failed(user, reason)
    this.#count.disconnected(reason)
    this.#count.open(this.#connections.size - this.#attempts.size)
    if (stage === 'in') this.#events.lost(user)
    const now = this.#kit.clock.now()
    this.#comeBack(user, this.#attempts.get(user) ?? {dueMs: now, triedMs: now, tries: 0, again: true})
  }

  /** A user that was never let in stays out; one that was inside tries again. */
  #failed(user: number, reason: string): void {
    this.#count.error(reason)
    const attempt = this.#attempts.get(user)
    if (attempt?.again) this.#comeBack(user, attempt)
    else this.#giveUp(user)
  }

  #comeBack(user: number, attempt: Attempt): void {
    this.#attempts.delete(user)
    const {reconnect, backoff, connectTimeoutMs} = this.#share.plan
    const {clock, signal, random} = this.#kit
    const tooLate = !attempt.again && clock.now() - attempt.dueMs > connectTimeoutMs
    if (reconnect === 'off' || tooLate) return attempt.again ? undefined : this.#giveUp(user)
    const wait = fullJitter({attempt: attempt.tries, ...backoff}, random)
    const next = {...attempt, triedMs: clock.now() + wait, tries: attempt.tries + 1}
    void clock.sleep(wait, signal).then(() => this.#dialUser(user, next))
  }

  #giveUp(user: number): void {
    this.#attempts.delete(user)
    this.#undecided.decide()
  }

  /** At least once a second: gives up attempts that take too long, and keeps the others alive, each in its turn. */
  #sweep(): void {
    const overdue = this.#kit.clock.now() - this.#share.plan.connectTimeoutMs
    for (const [user, {triedMs}] of this.#attempts) {
      if (triedMs < overdue) this.#connections.get(user)?.abandon('timeout')
    }
    this.#keepAlives.sweep(this.#connections)
  }
}
