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

/** A user on its way into its room. */
interface Attempt {
  /** When it was first due, whatever number of tries it takes. */
  readonly dueMs: Ms
  /** When this try began. */
  readonly triedMs: Ms
  /** Tries before this one. */
  readonly tries: number
  /** It was in its room before. */
  readonly again: boolean
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
        act: (n, dueMs) => this.#dialUser(this.first + n, {dueMs, triedMs: clock.now(), tries: 0, again: false}),
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
    const {clock, signal} = this.#kit
    if (attempt.again) this.#count.reconnected()
    else {
      this.#count.established(clock.now(), attempt.dueMs)
      this.#decide()
    }
    this.#count.open(this.#connections.size - this.#attempts.size)
    if (!attempt.again || this.dialect.confirmsJoin) return this.#events.entered(user)
    void clock.sleep(UNCONFIRMED_JOIN, signal).then(() => {
      if (this.#connections.get(user) === connection && connection.stage === 'in') this.#events.entered(user)
    })
  }

  /** Whoever had a socket was thrown out; whoever had none was not let in. */
  #ended(connection: Connection, {stage, reason, refused}: Ending): void {
    const {user} = connection
    if (this.#connections.get(user) === connection) this.#connections.delete(user)
    if (this.#closing) return
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
    this.#decide()
  }

  #decide(): void {
    if (--this.#undecided === 0) this.#decided()
  }

  /** Once a second: gives up attempts that take too long, and keeps the others alive, each in its turn. */
  #sweep(): void {
    const overdue = this.#kit.clock.now() - this.#share.plan.connectTimeoutMs
    for (const [user, {triedMs}] of this.#attempts) {
      if (triedMs < overdue) this.#connections.get(user)?.abandon('timeout')
    }
    const {keepAlive} = this.dialect
    if (!keepAlive) return
    const turns = Math.max(1, Math.round(keepAlive.everyMs / SWEEP_EVERY))
    const turn = this.#sweeps++ % turns
    for (const [user, connection] of this.#connections) if (user % turns === turn) connection.keepAlive()
  }
}
