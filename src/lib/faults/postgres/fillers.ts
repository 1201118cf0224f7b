/** Idle sessions of ours that take the free places of a server, so that nobody else gets one. */
import type {Clock} from '../../base/clock.js'
import type {Ms} from '../../base/units.js'
import {UsageError} from '../../base/errors.js'
import type {PgControl} from './control.js'
import {isFull} from './refusal.js'
import type {PgSession} from './session.js'

const AT_ONCE = 32
/** In a fight for places. */
const BESIEGERS = 24
/** Rounds without a new session after which the places that are counted as free are not to be had. */
const IDLE_ROUNDS = 3
/** Less than what the agent gives a try to revert. */
const GONE_WITHIN: Ms = 4000
const LOOK_EVERY: Ms = 20

/**
 * Places that ordinary roles can still take: of the server, and of the database if it has a limit of its own. The reserved ones are
 * left to the operator. Physical replication and background processes have places of their own.
 */
const FREE = `
  SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
           - coalesce(current_setting('reserved_connections', true)::int, 0) - count(*)::int AS server,
         (SELECT datconnlimit FROM pg_database WHERE datname = current_database())
           - count(*) FILTER (WHERE datname = current_database())::int AS database,
         (SELECT datconnlimit FROM pg_database WHERE datname = current_database()) AS limit,
         (SELECT rolconnlimit FROM pg_roles WHERE rolname = current_user) AS "ownLimit"
    FROM pg_stat_activity
   WHERE datid IS NOT NULL AND usesysid IS NOT NULL AND coalesce(backend_type, 'client backend') = 'client backend'`

interface Free {
  readonly server: number
  readonly database: number
  /** Of the database; −1: none. */
  readonly limit: number
  /** Of our role; −1: none. */
  readonly ownLimit: number
}

export class Fillers {
  #sessions: PgSession[] = []
  #filling: Promise<boolean> | undefined
  /** Places that were free when they were last counted. */
  #counted = Infinity

  constructor(
    private readonly control: PgControl,
    private readonly clock: Clock,
  ) {}

  /** Whether the last count found no place free. */
  get isFull(): boolean {
    return this.#counted <= 0
  }

  get size(): number {
    return this.#sessions.filter(({isOpen}) => isOpen).length
  }

  /** How many places are free. Throws a UsageError when our role may not take them all. */
  async prove(): Promise<number> {
    const free = await this.#free()
    const {user, superuser} = this.control.identity
    if (!superuser && free.ownLimit >= 0 && free.ownLimit < freeOf(free)) {
      throw new UsageError(
        `the role ${user} may open ${free.ownLimit} connections only, and ${freeOf(free)} are free`,
        {
          hint: `lift its limit (ALTER ROLE "${user}" CONNECTION LIMIT -1), or use net.down(proxy=postgres)`,
        },
      )
    }
    return Math.max(0, freeOf(free))
  }

  /** Takes all free places but `leave`; answers whether that is reached. Rejects when the server is away. */
  fill(leave = 0, signal?: AbortSignal): Promise<boolean> {
    return (this.#filling ??= this.#fill(leave, signal).finally(() => (this.#filling = undefined)))
  }

  /**
   * Fights for places against clients that come back at once: tries all the time, many at once, until it is `over`. A superuser wins the
   * reserved places too; `fill` gives them back. Rejects when the server is away.
   */
  async besiege(over: () => boolean): Promise<void> {
    let wanted = BESIEGERS
    const count = async () => {
      while (!over()) {
        const free = freeOf(await this.#free())
        // Whoever logs in holds a place: of too many the last ones would only refuse each other.
        wanted = Math.min(BESIEGERS, Math.max(1, 2 * free))
        await this.clock.sleep(LOOK_EVERY)
      }
    }
    const besiege = async (index: number) => {
      while (!over()) {
        if (index < wanted) await this.#try()
        else await this.clock.sleep(LOOK_EVERY)
      }
    }
    await settled(BESIEGERS + 1, (index) => (index === 0 ? count() : besiege(index - 1)))
  }

  /** Closes them all, and waits until the server has forgotten them; when it stays away, they ended with their sockets. */
  async close(): Promise<void> {
    await this.#filling?.catch(() => undefined)
    const sessions = this.#sessions
    this.#sessions = []
    await Promise.all(sessions.map((session) => session.end()))
    if (sessions.length === 0) return
    const values = [sessions.map(({pid}) => pid), this.control.mark]
    const sql =
      'SELECT count(*)::int AS count FROM pg_stat_activity WHERE pid = ANY($1::int[]) AND application_name = $2'
    const deadline = this.clock.now() + GONE_WITHIN
    for (;;) {
      const [left] = await this.control.askWithin<{count: number}>(GONE_WITHIN, sql, values).catch(() => [])
      if (left === undefined || left.count === 0) return
      if (this.clock.now() > deadline) throw new Error(`${left.count} sessions of ours are still open`)
      await this.clock.sleep(LOOK_EVERY)
    }
  }

  /** Counts again after each round, as somebody may have come in between, and a refusal may only mean that many are logging in. */
  async #fill(leave: number, signal?: AbortSignal): Promise<boolean> {
    for (let idle = 0; idle < IDLE_ROUNDS && signal?.aborted !== true;) {
      const free = freeOf(await this.#free()) - leave
      if (free <= 0) return this.#settle(-free, leave)
      const before = this.size
      await this.#grow(free, signal)
      idle = this.size > before ? 0 : idle + 1
    }
    return signal?.aborted !== true
  }

  /** A superuser, and who leaves some places, goes by the count; of the others, one that is refused shows that there is no place left. */
  async #settle(tooMany: number, leave: number): Promise<boolean> {
    if (!this.control.identity.superuser && leave === 0) return !(await this.#try())
    if (tooMany > 0) await this.#shrink(tooMany)
    return true
  }

  async #grow(count: number, signal?: AbortSignal): Promise<void> {
    for (let left = count; left > 0 && signal?.aborted !== true; left -= AT_ONCE) {
      const got = await settled(Math.min(left, AT_ONCE), () => this.#try())
      if (got.includes(false)) return
    }
  }

  /** Whether there was a place. Rejects when the server is away. */
  async #try(): Promise<boolean> {
    try {
      this.#sessions.push(await this.control.another())
      return true
    } catch (error) {
      if (isFull(error)) return false
      throw error
    }
  }

  async #free(): Promise<Free> {
    const [free] = await this.control.ask<Free>(FREE)
    if (free === undefined) throw new Error('the server counts no places')
    this.#counted = freeOf(free)
    return free
  }

  /** A count below zero can also be others who use the reserved places: those we cannot give back. */
  async #shrink(count: number): Promise<void> {
    this.#sessions = this.#sessions.filter(({isOpen}) => isOpen)
    await Promise.all(this.#sessions.splice(-count).map((session) => session.end()))
  }
}

function freeOf({server, database, limit}: Free): number {
  return limit < 0 ? server : Math.min(server, database)
}

/** Does it so many times at once; rejects with the first error, but not before all have come to an end. */
async function settled<Done>(times: number, work: (index: number) => Promise<Done>): Promise<Done[]> {
  const done = await Promise.allSettled(Array.from({length: times}, (_, index) => work(index)))
  return done.map((each) => {
    if (each.status === 'rejected') throw each.reason as Error
    return each.value
  })
}
