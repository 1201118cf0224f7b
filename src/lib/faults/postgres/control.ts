/** The sessions over which Postgres faults are injected and reverted: two, opened while all is well, spared by every fault of ours. */
import {UsageError} from '../../base/errors.js'
import type {Clock} from '../../base/clock.js'
import type {Ms} from '../../base/units.js'
import type {FaultGround} from '../fault.js'
import type {InjectorKit} from '../injector.js'
import {pooled, unusable} from './refusal.js'
import {PgSession} from './session.js'

const SESSIONS = 2
const RETRY: Ms = 100

/** Who answers, and who we are to it. */
export interface Identity {
  readonly version: string
  /** As `server_version_num`: 170010. */
  readonly number: number
  readonly user: string
  readonly superuser: boolean
  readonly database: string
  readonly standby: boolean
  readonly pid: number
}

const WHO = `
  SELECT current_setting('server_version') AS version, current_setting('server_version_num')::int AS number,
         current_user AS "user", rolsuper AS superuser, current_database() AS database,
         pg_is_in_recovery() AS standby, pg_backend_pid() AS pid
    FROM pg_roles WHERE rolname = current_user`

export class PgControl {
  readonly place: string
  readonly #url: string
  readonly clock: Clock
  readonly mark: string
  #sessions: PgSession[] = []
  #identity: Identity | undefined

  constructor(url: string, mark: string, clock: Clock) {
    this.#url = url
    this.clock = clock
    this.mark = mark
    this.place = placeOf(url)
  }

  /** Known once it is open. */
  get identity(): Identity {
    if (this.#identity === undefined) throw new Error('the Postgres was not asked who it is')
    return this.#identity
  }

  get server(): string {
    const {version, standby, user, superuser} = this.identity
    return `Postgres ${version}${standby ? ' (standby)' : ''} at ${this.place} as ${user}${superuser ? ' (superuser)' : ''}`
  }

  /** Throws a TargetError when it cannot be reached, and a UsageError when a pooler answers for it. */
  async open(): Promise<void> {
    try {
      while (this.#sessions.length < SESSIONS) this.#sessions.push(await this.another())
      const [identity] = await this.ask<Identity>(WHO)
      this.#identity = identity
    } catch (error) {
      await this.close()
      throw unusable(this.place, error)
    }
    // A pooler greets with a number of its own, as it has no server process yet.
    if (this.identity.pid === this.#sessions[0]?.pid) return
    await this.close()
    throw pooled(this.place)
  }

  /** A session beside the two, marked as they are. */
  another(): Promise<PgSession> {
    const number = this.#identity?.number
    return PgSession.open({url: this.#url, mark: this.mark, ...(number === undefined ? {} : {version: number})})
  }

  /** Over the first session that is up; when the server has ended both, over a new one. */
  async ask<Row extends object>(sql: string, values: readonly unknown[] = []): Promise<readonly Row[]> {
    this.#sessions = this.#sessions.filter(({isOpen}) => isOpen)
    const session = this.#sessions[0] ?? (await this.another())
    if (this.#sessions.length === 0) this.#sessions.push(session)
    return await session.ask<Row>(sql, values)
  }

  /** Asks again while the server is away, for `within`. */
  async askWithin<Row extends object>(
    within: Ms,
    sql: string,
    values: readonly unknown[] = [],
  ): Promise<readonly Row[]> {
    const deadline = this.clock.now() + within
    for (;;) {
      try {
        return await this.ask<Row>(sql, values)
      } catch (error) {
        if (this.clock.now() > deadline) throw error
        await this.clock.sleep(RETRY)
      }
    }
  }

  /** Never rejects. */
  async close(): Promise<void> {
    await Promise.all(this.#sessions.map((session) => session.end()))
    this.#sessions = []
  }
}

/** `127.0.0.1:5432`. */
function placeOf(text: string): string {
  if (!URL.canParse(text) || !/^postgres(ql)?:$/.test(new URL(text).protocol)) {
    throw new UsageError('the Postgres URL is none', {hint: 'write it as postgres://user@host:5432/database'})
  }
  const {hostname, port} = new URL(text)
  return `${hostname === '' ? 'localhost' : hostname}:${port === '' ? '5432' : port}`
}

interface Shared {
  readonly control: PgControl
  readonly opened: Promise<void>
  holders: number
}

/** By the ground on which they act: all Postgres faults of a run share two sessions. */
const SHARED = new WeakMap<FaultGround, Shared>()

/** The run's control sessions, opened if they are not yet; each holder lets go of them once. */
export async function borrowControl(kit: InjectorKit): Promise<PgControl> {
  const shared = SHARED.get(kit.ground) ?? start(kit)
  shared.holders += 1
  try {
    await shared.opened
    return shared.control
  } catch (error) {
    await returnControl(kit.ground)
    throw error
  }
}

/** Never rejects. */
export async function returnControl(ground: FaultGround): Promise<void> {
  const shared = SHARED.get(ground)
  if (shared === undefined || --shared.holders > 0) return
  SHARED.delete(ground)
  await shared.control.close()
}

function start({ground, mark, clock}: InjectorKit): Shared {
  if (ground.postgres === undefined) {
    throw new UsageError('there is no Postgres to disturb', {
      hint: 'name it: postgres://user@host/database as `postgres` in the profile',
    })
  }
  const control = new PgControl(ground.postgres, mark, clock)
  const shared = {control, opened: control.open(), holders: 0}
  SHARED.set(ground, shared)
  return shared
}
