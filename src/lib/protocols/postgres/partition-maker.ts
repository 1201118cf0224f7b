/** Makes the partitions of one shard ahead of need, by the server's clock, and writes down when each was there. */
import type {Clock} from '../../base/clock.js'
import {DAY, type Ms} from '../../base/units.js'
import {boundsOf, type Bounds, type Timing} from './partitions.js'
import type {ShardOffice} from './shard-office.js'
import {attachSql, nameIn, partitionSql, tableOf} from './table.js'

/** While rows go into one partition, the next ones are there: this many. */
const AHEAD = 2
const RETRY: Ms = 200
/** Waiting for a lock of somebody else holds up the inserts that queue behind us. */
const LOCKED = `SET LOCAL lock_timeout = '1s';`

const NOW = 'SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS now'

/** What was meant to be there. */
export interface Made extends Bounds {
  /** By the server's clock, after it was committed. */
  readonly madeAtMs: Ms
}

export interface MakerOptions {
  readonly office: ShardOffice
  readonly run: string
  readonly lengthMs: Ms
  readonly clock: Clock
}

export class PartitionMaker {
  readonly #end = new AbortController()
  readonly #made: Made[] = []
  /** Server's clock minus ours. */
  #offset: Ms = 0
  #timing: Timing
  #endedAtMs: Ms | undefined
  #loop: Promise<void> | undefined

  constructor(private readonly options: MakerOptions) {
    const {run, lengthMs} = options
    this.#timing = {run, lengthMs: Math.max(1, Math.round(lengthMs)), originMs: 0}
  }

  get timing(): Timing {
    return this.#timing
  }

  get made(): readonly Made[] {
    return this.#made
  }

  /** When the load was over, by the server's clock; known after `finish`. */
  get endedAtMs(): Ms | undefined {
    return this.#endedAtMs
  }

  /** The first one, wide enough until `begin` says when it ends. */
  async prepare(): Promise<void> {
    const originMs = Math.ceil(await this.#serverNow())
    this.#timing = {...this.#timing, originMs}
    const first = {...boundsOf(this.#timing, 0), toMs: originMs + DAY}
    await this.options.office.run(partitionSql(this.#ordered(first)))
    this.#made[0] = {...first, madeAtMs: await this.#serverNow()}
  }

  /** Ends the first partition one length after the load begins, and keeps making the next ones until `finish`. */
  async begin(startsInMs: Ms): Promise<void> {
    const [first] = this.#made
    if (first === undefined || this.#loop !== undefined) throw new Error('partitions begin once, after prepare')
    this.#timing = {...this.#timing, originMs: Math.ceil((await this.#serverNow()) + startsInMs)}
    const bounds = {...boundsOf(this.#timing, 0), fromMs: first.fromMs}
    await this.#cut(bounds)
    this.#made[0] = {...first, ...bounds}
    for (let index = 1; index <= AHEAD; index++) await this.#make(index)
    this.#loop = this.#keep()
  }

  /** The load is over: nothing is made any more. Never rejects: the server may be away just then, but the difference of the clocks is known. */
  async finish(): Promise<void> {
    this.#endedAtMs ??= this.options.clock.now() + this.#offset
    await this.stop()
  }

  /** Never rejects. */
  async stop(): Promise<void> {
    this.#end.abort()
    await this.#loop
  }

  async #keep(): Promise<void> {
    const {clock} = this.options
    const {signal} = this.#end
    const isOver = () => signal.aborted
    for (let index = AHEAD + 1; !isOver(); index++) {
      const dueMs = this.#timing.originMs + (index - AHEAD) * this.#timing.lengthMs - this.#offset
      await clock.sleep(dueMs - clock.now(), signal)
      while (!isOver() && !(await this.#tryToMake(index))) await clock.sleep(RETRY, signal)
    }
  }

  /** Whether it is there now; never rejects, as a server that is away may come back. */
  async #tryToMake(index: number): Promise<boolean> {
    try {
      await this.#make(index)
      return true
    } catch {
      return false
    }
  }

  async #make(index: number): Promise<void> {
    const bounds = boundsOf(this.#timing, index)
    // An earlier try may have made it though its answer was lost.
    if (!(await this.#exists(bounds.name))) {
      await this.options.office.run(LOCKED + partitionSql(this.#ordered(bounds)))
    }
    this.#made[index] = {...bounds, madeAtMs: await this.#serverNow()}
  }

  /** Taken off and attached again with other bounds: rows that came before the load stay. */
  async #cut(bounds: Bounds): Promise<void> {
    const {office, run} = this.options
    const [table, name] = [tableOf(run), bounds.name].map((one) => nameIn(office.schema, one))
    await office.run(`${LOCKED} ALTER TABLE ${table} DETACH PARTITION ${name}; ${attachSql(this.#ordered(bounds))}`)
  }

  async #exists(name: string): Promise<boolean> {
    const {office} = this.options
    const [row] = await office.ask<{found: boolean}>('SELECT to_regclass($1) IS NOT NULL AS found', [
      nameIn(office.schema, name),
    ])
    return row?.found === true
  }

  async #serverNow(): Promise<Ms> {
    const {office, clock} = this.options
    const before = clock.now()
    const [row] = await office.ask<{now: number}>(NOW)
    const now = row?.now ?? 0
    this.#offset = now - (before + clock.now()) / 2
    return now
  }

  #ordered(bounds: Bounds) {
    const {office, run} = this.options
    return {schema: office.schema, run, ...bounds}
  }
}
