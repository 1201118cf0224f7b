/** The virtual users of one worker: they connect when due, enter their rooms, and come back when they were thrown out. */
import {fullJitter} from '../../base/random.js'
import type {Ms} from '../../base/units.js'
import {spend} from '../../load/spend.js'
import type {WorkerKit} from '../../load/worker-kit.js'
import {share as arrivalsOf} from '../../pacing/share.js'
import {steady} from '../../pacing/steady.js'
import {StampReader} from '../../protocols/stamp.js'
import {Connection, type ConnectionListener, type Ending, type Line} from '../../protocols/websocket/connection.js'
import {compileDialect, type Dialect} from '../../protocols/websocket/dialect.js'
import {dialling} from './dialling.js'
import type {Identities} from './identities.js'
import {roomStart, roomsOfWorker} from './roster.js'
import type {WsFloodShare} from './share.js'
import {userCounters} from './user-counters.js'

/** What happens to users, as the rest of the worker needs to know it. */
export interface UserEvents extends Pick<ConnectionListener, 'stamp' | 'acked' | 'publishRefused'> {
  entered(user: number): void
  lost(user: number): void
}

/** A user whose join the server does not confirm is taken to be in the room after this. */
const UNCONFIRMED_JOIN: Ms = 1000
const SWEEP_EVERY: Ms = 1000
const PATIENCE_AT_THE_END: Ms = 5000

interface Attempt {
  readonly dueMs: Ms
  /** 0 for the first connection of a user, then 1 for its first try to come back. */
  readonly number: number
}

export class Users {
  readonly first: number
  readonly end: number
  readonly dialect: Dialect
  readonly #share: WsFloodShare
  readonly #kit: WorkerKit
  readonly #events: UserEvents
  readonly #identities: Identities
  readonly #line: Line
  readonly #dial
  readonly #count
  readonly #connections = new Map<number, Connection>()
  /** Attempts under way, by user; one that takes too long is given up. */
  readonly #attempts = new Map<number, Attempt>()
  #undecided: number
  #decided: () => void = () => undefined
  #sweeps = 0
  #sweeper: NodeJS.Timeout | undefined
  #closing = false

  constructor(
    share: WsFloodShare,
    {kit, identities, events}: {kit: WorkerKit; identities: Identities; events: UserEvents},
  ) {
    const {roster} = share.plan
    const rooms = roomsOfWorker(roster, kit.index, kit.workers)
    this.first = roomStart(roster, rooms.first)
    this.end = roomStart(roster, rooms.end)
    this.#undecided = this.end - this.first
    this.#share = share
    this.#kit = kit
    this.#events = events
    this.#identities = identities
    this.#count = userCounters(kit)
    this.dialect = compileDialect(share.target.profile.protocol)
    this.#dial = dialling(share, this.dialect)
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

  /** Opens all users, evenly paced; resolves when the first attempt of each is decided, or the signal aborts. */
  async connect(startAtMs: Ms): Promise<void> {
    const {plan} = this.#share
    const users = this.end - this.first
    const rate = (plan.connectRate * users) / plan.roster.users
    const {clock, signal} = this.#kit
    this.#sweeper = setInterval(() => this.#sweep(), SWEEP_EVERY)
    const decided = new Promise<void>((resolve) => (this.#decided = resolve))
    const stopped = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
    // A hair longer than the last gap, so that rounding never loses the last user.
    const schedule = steady(rate, ((users - 0.5) * 1000) / rate)
    await spend(
      arrivalsOf(schedule, () => true),
      {
        clock,
        signal,
        startAtMs,
        act: (n, dueMs) => this.#dialUser(this.first + n, {dueMs, number: 0}),
      },
    )
    if (!signal.aborted) await Promise.race([decided, stopped])
  }

  /** The connection of a user that is in its room. */
  present(user: number): Connection | undefined {
    const connection = this.#connections.get(user)
    return connection?.stage === 'in' ? connection : undefined
  }

  /** Closes every connection in order, and at once what does not close in time. */
  async close(): Promise<void> {
    this.#closing = true
    clearInterval(this.#sweeper)
    for (const connection of this.#connections.values()) connection.depart()
    const {clock} = this.#kit
    for (const end = clock.now() + PATIENCE_AT_THE_END; this.#connections.size > 0 && clock.now() < end;)
      await clock.sleep(20)
    for (const connection of this.#connections.values()) connection.terminate()
  }

  #dialUser(user: number, attempt: Attempt): void {
    if (this.#closing || this.#kit.signal.aborted) return
    this.#attempts.set(user, attempt)
    const admission = this.#identities.admit(user)
    if (!admission) return this.#open(user)
    admission.then(
      () => this.#open(user),
      () => this.#failed(user, 'login-refused'),
    )
  }

  #open(user: number): void {
    const {url, options} = this.#dial(user, this.#identities.who(user))
    this.#connections.set(user, new Connection(this.#line, {user, url, options}))
  }

  #entered(connection: Connection): void {
    const {user} = connection
    const attempt = this.#attempts.get(user)
    this.#attempts.delete(user)
    if (!attempt) return
    const {clock} = this.#kit
    if (attempt.number === 0) {
      this.#count.established(clock.now(), attempt.dueMs)
      this.#decide()
    } else this.#count.reconnected()
    this.#count.open(this.#connections.size - this.#attempts.size)
    if (attempt.number === 0 || this.dialect.confirmsJoin) return this.#events.entered(user)
    void clock.sleep(UNCONFIRMED_JOIN, this.#kit.signal).then(() => {
      if (this.#connections.get(user) === connection && connection.stage === 'in') this.#events.entered(user)
    })
  }

  #ended(connection: Connection, {stage, reason}: Ending): void {
    const {user} = connection
    if (this.#connections.get(user) === connection) this.#connections.delete(user)
    if (this.#closing) return
    if (stage !== 'in') return this.#failed(user, reason)
    this.#count.disconnected(reason)
    this.#count.open(this.#connections.size - this.#attempts.size)
    this.#events.lost(user)
    this.#comeBack(user, 1)
  }

  /** A user that never got in stays out; one that was thrown out tries again. */
  #failed(user: number, reason: string): void {
    const attempt = this.#attempts.get(user)
    this.#attempts.delete(user)
    this.#count.error(reason)
    if (attempt === undefined || attempt.number === 0) this.#decide()
    else this.#comeBack(user, attempt.number + 1)
  }

  #comeBack(user: number, number: number): void {
    const {plan} = this.#share
    if (plan.reconnect === 'off' || this.#closing) return
    const {clock, signal, random} = this.#kit
    const wait = fullJitter({attempt: number - 1, ...plan.backoff}, random)
    const dueMs = clock.now() + wait
    void clock.sleep(wait, signal).then(() => this.#dialUser(user, {dueMs, number}))
  }

  #decide(): void {
    if (--this.#undecided === 0) this.#decided()
  }

  /** Once a second: gives up attempts that take too long, and keeps the others alive, each in its turn. */
  #sweep(): void {
    const overdue = this.#kit.clock.now() - this.#share.plan.connectTimeoutMs
    for (const [user, {dueMs}] of this.#attempts) if (dueMs < overdue) this.#connections.get(user)?.abandon('timeout')
    const {keepAlive} = this.dialect
    if (!keepAlive) return
    const turns = Math.max(1, Math.round(keepAlive.everyMs / SWEEP_EVERY))
    const turn = this.#sweeps++ % turns
    for (const [user, connection] of this.#connections) if (user % turns === turn) connection.keepAlive()
  }
}
