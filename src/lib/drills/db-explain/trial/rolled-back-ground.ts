/**
 * A server in use: indexes are made in a transaction that is always rolled back, and only as long as nobody minds.
 *
 *   see([a])       BEGIN; SAVEPOINT s1; CREATE INDEX a
 *   see([a, b])    SAVEPOINT s2; CREATE INDEX b
 *   see([a])       ROLLBACK TO s2
 *   see([])        ROLLBACK                             no lock is held any more
 *
 * What is taken away and seen again is made again. Nothing is dropped or hidden, since that would lock readers out; making an index keeps
 * writers of its table waiting, so that a second session looks ten times a second whether one does. When we are killed, the server rolls back.
 */
import type {Clock} from '../../../base/clock.js'
import type {Session} from '../../../protocols/postgres/session.js'
import {ddlOf, quoted, tableOf} from '../advice/ddl.js'
import type {IndexDesign} from '../advice/index-design.js'
import {learnsFromData} from './own-ground.js'
import {refusalOf} from './refusal.js'
import {guardTables, type TableGuard, type TableLimits} from './table-guard.js'
import type {Built, NotBuilt, TrialGround} from './trial-ground.js'
import {WatchedTransaction, type TransactionLimits} from './watched-transaction.js'

export interface TrialLimits extends TableLimits, TransactionLimits {}

const TRIAL_LIMITS: TrialLimits = {
  mostBytes: 2 * 1024 ** 3,
  quietMs: 5000,
  lockTimeoutMs: 1000,
  statementTimeoutMs: 30_000,
  holdMs: 60_000,
}

export interface TrialKit {
  /** A second session on the same server, as the same role. */
  readonly watcher: Session
  readonly clock: Clock
  readonly limits?: Partial<TrialLimits>
  /** Ends the wait at the beginning. */
  readonly signal?: AbortSignal
}

const PREFIX = 'proofload_trial'

const TRAP = `SELECT indcheckxmin AS "trapped" FROM pg_index WHERE indexrelid = ANY(
  SELECT $1::regclass UNION ALL SELECT relid FROM pg_partition_tree($1::regclass)) AND indcheckxmin`
const PARTS = `
  SELECT c.relname AS name, pg_relation_size(c.oid)::float8 AS bytes FROM pg_class c
  WHERE c.oid = $1::regclass OR c.oid IN (SELECT relid FROM pg_partition_tree($1::regclass))`

/** Takes `quietMs` to see who writes. Both sessions must be straight ones: behind a pooler a transaction is nobody's. */
export async function rolledBackGround(session: Session, kit: TrialKit): Promise<TrialGround> {
  const limits = {...TRIAL_LIMITS, ...kit.limits}
  const {backend} = session
  if (backend === undefined) throw new Error('a trial needs a session without a pooler')
  const guard = await guardTables(kit.watcher, limits, kit)
  await session.run(`SET default_transaction_read_only = on; SET application_name = 'proofload db-explain'`)
  // Only servers from 14, and on some systems only, notice during a long statement that we are gone.
  await session.run(`SET client_connection_check_interval = '1s'`).catch(refusalOf)
  const transaction = new WatchedTransaction(session, {...kit, limits, pid: backend.pid})
  return new RolledBackGround(session, {transaction, guard, clock: kit.clock})
}

interface Means {
  readonly transaction: WatchedTransaction
  readonly guard: TableGuard
  readonly clock: Clock
}

class RolledBackGround implements TrialGround {
  readonly kind = 'rolled-back'
  readonly runs = true
  readonly session: Session
  readonly stopped: AbortSignal
  readonly #means: Means
  /** Extensions that must be made again with it, by the index's name. */
  readonly #needs = new Map<string, readonly string[]>()
  /** In the order in which they were made; each has the savepoint of its place. */
  #standing: Built[] = []
  #made = 0

  constructor(session: Session, means: Means) {
    this.session = session
    this.#means = means
    this.stopped = means.transaction.stopped
    this.stopped.addEventListener('abort', () => (this.#standing = []))
  }

  async build(design: IndexDesign, needs: readonly string[] = []): Promise<Built | NotBuilt> {
    const before = this.#whyStopped()
    if (before !== undefined) return {design, reason: before}
    try {
      const refused = await this.#means.guard(design)
      if (refused !== undefined) return {design, reason: refused}
      return await this.#make(design, {name: `${PREFIX}_${(this.#made += 1)}`, needs})
    } catch (error) {
      return {design, reason: this.#whyStopped() ?? refusalOf(error)}
    }
  }

  /** Rejects with the server's error where what was made once cannot be made again. */
  async see(visible: readonly Built[]): Promise<void> {
    const first = this.#standing.findIndex((built) => !visible.some(({name}) => name === built.name))
    if (first !== -1) await this.#rollBackTo(first)
    if (this.stopped.aborted) return
    for (const built of visible) {
      if (this.#standing.some(({name}) => name === built.name)) continue
      const again = await this.#make(built.design, {name: built.name, needs: this.#needs.get(built.name) ?? []})
      if ('reason' in again) throw new Error(again.reason)
    }
  }

  async drop(built: Built): Promise<void> {
    const place = this.#standing.findIndex(({name}) => name === built.name)
    if (place !== -1) await this.#rollBackTo(place)
  }

  async reads<Answer>(work: () => Promise<Answer>): Promise<Answer> {
    const inside = this.#standing.length > 0
    const [open, close] = inside
      ? ['SAVEPOINT look; SET LOCAL transaction_read_only = on', 'ROLLBACK TO SAVEPOINT look; RELEASE SAVEPOINT look']
      : ['BEGIN READ ONLY', 'ROLLBACK']
    await this.session.run(open)
    try {
      return await work()
    } finally {
      if (this.session.isOpen && !(inside && this.stopped.aborted)) await this.session.run(close)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#rollBackTo(0)
    await this.#means.transaction[Symbol.asyncDispose]()
  }

  #whyStopped(): string | undefined {
    return this.stopped.aborted ? String(this.stopped.reason) : undefined
  }

  async #make(design: IndexDesign, {name, needs}: {name: string; needs: readonly string[]}): Promise<Built | NotBuilt> {
    const place = this.#standing.length
    // Making the index is the first thing that happens in it, so that no older snapshot stands in its way.
    if (place === 0) await this.#means.transaction.begin()
    try {
      await this.session.run(`SAVEPOINT s${place}`)
      for (const extension of needs) await this.session.run(`CREATE EXTENSION IF NOT EXISTS ${quoted(extension)}`)
      const started = this.#means.clock.now()
      await this.session.run(ddlOf(design, {name}))
      const buildMs = this.#means.clock.now() - started
      if (learnsFromData(design)) await this.session.run(`ANALYZE ${tableOf(design)}`)
      const made = await this.#inspect(design, name)
      if ('reason' in made) {
        await this.#rollBackTo(place)
        return made
      }
      this.#needs.set(name, needs)
      const built = {design, name, buildMs, ...made}
      this.#standing = [...this.#standing, built]
      return built
    } catch (error) {
      await this.#rollBackTo(place)
      throw error
    }
  }

  /**
   * Where rows were changed in place a moment ago, whoever makes an index may not use it himself: no gain would be seen that is there.
   * Source: "indcheckxmin" in src/backend/access/heap/README.HOT of Postgres.
   */
  async #inspect(design: IndexDesign, name: string): Promise<Pick<Built, 'names' | 'bytes'> | NotBuilt> {
    const whole = `${quoted(design.schema)}.${quoted(name)}`
    const trapped = await this.session.ask(TRAP, [whole])
    if (trapped.length > 0) {
      const reason = 'it could not be tried, because rows of the table were changed just now: try again after VACUUM'
      return {design, reason}
    }
    const parts = await this.session.ask<{name: string; bytes: number}>(PARTS, [whole])
    return {names: parts.map((part) => part.name), bytes: parts.reduce((sum, {bytes}) => sum + bytes, 0)}
  }

  /** Back to where only the first `place` stand; to none is the end of the transaction. */
  async #rollBackTo(place: number): Promise<void> {
    const {transaction} = this.#means
    if (!transaction.isOpen) return
    this.#standing = this.#standing.slice(0, place)
    if (place === 0) await transaction.end()
    else await this.session.run(`ROLLBACK TO SAVEPOINT s${place}; RELEASE SAVEPOINT s${place}`)
  }
}
