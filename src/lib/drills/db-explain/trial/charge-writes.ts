/**
 * What new indexes cost whoever writes: the same rows are put into the table with and without them, in pairs, each in a transaction that is
 * rolled back. Without: the catalogue says within it that the index does not live, so that no write keeps it up.
 */
import {shuffle} from '../../../base/random.js'
import type {Bytes, Ms, Share} from '../../../base/units.js'
import {pairedRatio, type Ratio} from '../../../verdict/time-ratio.js'
import type {MeasureKit} from './measure-pairs.js'
import {refusalOf} from './refusal.js'
import type {Built, TrialGround} from './trial-ground.js'
import {batchOf, COPY, DISCARD_ROWS, type Batch} from './write-batch.js'

export interface WriteCharge {
  readonly table: string
  readonly buildMs: Ms
  readonly bytes: Bytes
  /** How many rows were written each time. */
  readonly rows: number
  /** Time with the indexes over time without; undefined with the reason in `uncharged`. */
  readonly insert: Ratio | undefined
  /** Of an update that changes all columns which the new indexes read and which are part of no key. */
  readonly update: Ratio | undefined
  /** Of such updates, how many stayed in place without and with the indexes, on pages that have room. */
  readonly hot: {readonly before: Share; readonly after: Share} | undefined
  /** What could not be charged, and why. */
  readonly uncharged: readonly string[]
}

export interface Charging {
  /** As SQL, quoted: `"public"."messages"`. */
  readonly table: string
  readonly chosen: readonly Built[]
  readonly pairs?: number
  readonly rows?: number
}

const BURY = `
  UPDATE pg_catalog.pg_index SET indislive = false, indisready = false, indisvalid = false WHERE indexrelid = ANY($1::oid[])`
/** The server keeps in mind which indexes a table has until something about the table itself changes. */
const FORGET = 'UPDATE pg_catalog.pg_class SET relname = relname WHERE oid = $1::oid'

const [PAIRS, ROWS, WARMUPS] = [10, 1000, 1]

/** On our own ground only, by a superuser. The table is vacuumed afterwards; nothing else of it remains. */
export async function chargeWrites(
  ground: TrialGround,
  {table, chosen, pairs = PAIRS, rows = ROWS}: Charging,
  kit: MeasureKit,
): Promise<WriteCharge> {
  const {session} = ground
  const built = {
    table,
    buildMs: chosen.reduce((sum, {buildMs}) => sum + (buildMs ?? 0), 0),
    bytes: chosen.reduce((sum, {bytes}) => sum + bytes, 0),
  }
  const nothing = {...built, rows: 0, insert: undefined, update: undefined, hot: undefined}
  if (ground.kind !== 'own') return {...nothing, uncharged: ['writes: only tried on a database of our own']}
  const refusals = new Refusals()
  const batch = await refusals.unless('writes', () => batchOf(session, table, chosen, rows))
  if (batch === undefined) return {...nothing, uncharged: refusals.or('writes: the table has no rows of its own')}
  const charged = await chargeAll(new Charger(ground, batch, kit), batch, {pairs, refusals})
  await session.run(DISCARD_ROWS)
  await session.run(`VACUUM ${table}`)
  return {...built, rows: batch.rows, ...charged, uncharged: refusals.all}
}

type Charged = Pick<WriteCharge, 'insert' | 'update' | 'hot'>

async function chargeAll(
  charger: Charger,
  batch: Batch,
  {pairs, refusals}: {pairs: number; refusals: Refusals},
): Promise<Charged> {
  const {takeOut, putBack, change, changeCopy} = batch
  const insert = await refusals.unless('inserts', () => charger.compare(takeOut, putBack, pairs))
  if (change === undefined || changeCopy === undefined) {
    refusals.all.push('updates: every column that the new indexes read is part of a key')
    return {insert, update: undefined, hot: undefined}
  }
  const update = await refusals.unless('updates', () => charger.compare(undefined, change, pairs))
  const hot = await refusals.unless('updates in place', () => charger.inPlace(changeCopy))
  return {insert, update, hot}
}

/** What the server would not do, and why. */
class Refusals {
  readonly all: string[] = []

  async unless<Answer>(what: string, work: () => Promise<Answer>): Promise<Answer | undefined> {
    try {
      return await work()
    } catch (error) {
      this.all.push(`${what}: ${refusalOf(error)}`)
      return undefined
    }
  }

  or(otherwise: string): readonly string[] {
    return this.all.length > 0 ? this.all : [otherwise]
  }
}

class Charger {
  readonly #ground: TrialGround
  readonly #batch: Batch
  readonly #kit: MeasureKit

  constructor(ground: TrialGround, batch: Batch, kit: MeasureKit) {
    this.#ground = ground
    this.#batch = batch
    this.#kit = kit
  }

  /** Undefined when it was interrupted before three pairs. */
  async compare(prepare: string | undefined, statement: string, pairs: number): Promise<Ratio | undefined> {
    const times = {before: [] as Ms[], after: [] as Ms[]}
    for (let pair = -WARMUPS; pair < pairs && !this.#kit.signal.aborted; pair++) {
      const taken = {before: 0, after: 0}
      for (const side of shuffle(['before', 'after'] as const, this.#kit.random)) {
        taken[side] = await this.#rolledBack(side === 'after', async () => {
          if (prepare !== undefined) await this.#ground.session.run(prepare)
          return this.#time(statement, side === 'after')
        })
      }
      if (pair < 0) continue
      times.before.push(taken.before)
      times.after.push(taken.after)
    }
    return pairedRatio([times], this.#kit.random)
  }

  async inPlace(changeCopy: string): Promise<{before: Share; after: Share}> {
    const share = (alive: boolean) =>
      this.#rolledBack(alive, async () => {
        await this.#ground.session.run(changeCopy)
        const [row] = await this.#ground.session.ask<{share: number}>(
          `SELECT pg_stat_get_xact_tuples_hot_updated('${COPY}'::regclass)::float8 / ${this.#batch.rows} AS share`,
        )
        return row?.share ?? 0
      })
    return {before: await share(false), after: await share(true)}
  }

  /** A GIN index puts off its work; it is done at once here, because somebody will have to. */
  async #time(statement: string, alive: boolean): Promise<Ms> {
    const {session} = this.#ground
    const late = alive ? this.#batch.indexes.filter(({method}) => method === 'gin') : []
    const started = this.#kit.clock.now()
    await session.run(statement)
    for (const {oid} of late) await session.ask('SELECT gin_clean_pending_list($1::oid::regclass)', [oid])
    return this.#kit.clock.now() - started
  }

  async #rolledBack<Answer>(alive: boolean, work: () => Promise<Answer>): Promise<Answer> {
    const {session} = this.#ground
    const oids = this.#batch.indexes.map(({oid}) => oid)
    await session.run('BEGIN')
    try {
      if (!alive) {
        await session.ask(BURY, [oids])
        await session.ask(FORGET, [this.#batch.oid])
      }
      return await work()
    } finally {
      if (session.isOpen) await session.run('ROLLBACK')
    }
  }
}
