/** Opens the sessions in which a run reads and tries, as far as its level allows. */
import {ProofloadError, TargetError, UsageError} from '../../base/errors.js'
import {MINUTE, type Ms} from '../../base/units.js'
import {connect, doorOf, type Door} from '../../protocols/postgres/connect.js'
import type {Session} from '../../protocols/postgres/session.js'
import {reasonOf, unusable} from '../../protocols/postgres/trouble.js'
import type {Kit} from '../drill.js'
import type {DbExplainPlan} from './plan.js'

const OLDEST = 13
/** On a database of our own nobody is kept waiting. */
const PATIENCE: Ms = 10 * MINUTE
const LOCK_TIMEOUT: Ms = 1000
/** After an interruption a statement may run so long still. */
const GRACE: Ms = 2000
const CANCELLED = '57014'
const OWN_TLS = {insecure: false}

export class Site implements AsyncDisposable {
  readonly #plan: DbExplainPlan
  readonly #kit: Kit
  readonly #open: {readonly session: Session; readonly door: Door}[] = []

  readonly #over = new AbortController()
  readonly #onAbort = (): void => void this.#cutShort()

  constructor(plan: DbExplainPlan, kit: Kit) {
    this.#plan = plan
    this.#kit = kit
    kit.signal.addEventListener('abort', this.#onAbort, {once: true})
  }

  /** On a database of our own, as its superuser. */
  get ownDoor(): Door {
    const {lab} = this.#kit
    if (lab === undefined) throw new Error('this run has no database of its own')
    return doorOf(lab.adminUrl, {tls: OWN_TLS, timeoutMs: PATIENCE})
  }

  async own(): Promise<Session> {
    return await this.#keep(this.ownDoor)
  }

  /** At the target, as the user said who we are to be there; it can only read. Throws a TargetError where that cannot be. */
  async reader(): Promise<Session> {
    const session = await this.#atTarget()
    await session.ask(`SELECT set_config('default_transaction_read_only', 'on', false)`)
    return session
  }

  /** At the target, where it may make and roll back. */
  async writer(): Promise<Session> {
    return await this.#atTarget()
  }

  /** What ended a run: where a session was lost, that. */
  explain(error: unknown): unknown {
    const {signal} = this.#kit
    if (signal.aborted && reasonOf(error) === CANCELLED) return signal.reason
    const lost = this.#open.find(({session}) => !session.isOpen)
    return lost === undefined || error instanceof ProofloadError ? error : unusable(lost.door.place, error)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#kit.signal.removeEventListener('abort', this.#onAbort)
    this.#over.abort()
    await Promise.all(this.#open.splice(0).map(({session}) => session.end()))
  }

  /** Who interrupts us does not want to wait for a statement that takes long: the server is asked to give it up. Never rejects. */
  async #cutShort(): Promise<void> {
    await this.#kit.clock.sleep(GRACE, this.#over.signal)
    if (this.#over.signal.aborted) return
    for (const {session, door} of [...this.#open]) {
      if (session.backend === undefined || !session.isOpen) continue
      const helper = await connect(door).catch(() => undefined)
      await helper?.ask('SELECT pg_cancel_backend($1)', [session.backend.pid]).catch(() => undefined)
      await helper?.end()
    }
  }

  async #atTarget(): Promise<Session> {
    const {target} = this.#kit
    const {statementTimeoutMs: timeoutMs, role, settings} = this.#plan
    const door = doorOf(target.urls[0] ?? '', {tls: target.tls, timeoutMs})
    const session = await this.#keep(door)
    refusePooler(session, door)
    await refuseOld(session, door)
    for (const [name, value] of [
      ['lock_timeout', String(LOCK_TIMEOUT)],
      ['idle_in_transaction_session_timeout', String(2 * timeoutMs)],
    ])
      await session.ask('SELECT set_config($1, $2, false)', [name, value])
    await become(session, role, settings)
    return session
  }

  async #keep(door: Door): Promise<Session> {
    const session = await connect(door).catch((error: unknown) => {
      throw unusable(door.place, error)
    })
    this.#open.push({session, door})
    return session
  }
}

/** What is set in a session behind a pooler would stay for whoever gets its server process next. */
function refusePooler(session: Session, {place}: Door): void {
  if (session.backend !== undefined) return
  throw new TargetError(`the Postgres ${place} is reached over a pooler such as pgbouncer, which shares its sessions`, {
    hint: "give the server's own address, often port 5432 in place of 6432 or 6543",
  })
}

async function refuseOld(session: Session, {place}: Door): Promise<void> {
  const [row] = await session.ask<{version: number; words: string}>(
    `SELECT current_setting('server_version_num')::int AS version, current_setting('server_version') AS words`,
  )
  const {version = 0, words = 'unknown'} = row ?? {}
  if (version >= OLDEST * 10_000) return
  throw new TargetError(`the Postgres ${place} is version ${words}, and db-explain needs ${OLDEST} or newer`, {
    hint: 'copy the data to a newer one and look there',
  })
}

/** The role comes first: it may be what allows a setting. */
async function become(
  session: Session,
  role: string | undefined,
  settings: Readonly<Record<string, string>>,
): Promise<void> {
  if (role !== undefined) await set(session, {name: 'role', value: role, flag: `--role ${role}`})
  for (const [name, value] of Object.entries(settings)) await set(session, {name, value, flag: `--set ${name}`})
}

const REFUSALS: Readonly<Record<string, string>> = {
  '22023': 'the server does not take this value',
  '42501': 'this user may not do it',
  '42704': 'the server knows no such name',
  '55P02': 'it can only be set when the server starts or in its files',
}

/** The value may be a secret, and the server's own words repeat it. */
async function set(
  session: Session,
  {name, value, flag}: {readonly name: string; readonly value: string; readonly flag: string},
): Promise<void> {
  try {
    await session.ask('SELECT set_config($1, $2, false)', [name, value])
  } catch (cause) {
    if (!session.isOpen) throw cause
    const reason = reasonOf(cause)
    const words = name === 'role' && reason === '22023' ? 'there is no such role' : REFUSALS[reason]
    throw new UsageError(`${flag}: ${words ?? 'the server refuses it'} (${reason})`, {cause})
  }
}
