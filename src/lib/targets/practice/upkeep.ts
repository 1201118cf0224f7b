/** What one shard needs done beside storing: partitions ahead of time, and the archive; by one node of all. */
import type {Clock} from '../../base/clock.js'
import type {Random} from '../../base/random.js'
import type {Ms} from '../../base/units.js'
import {Archiver} from './archiver.js'
import {Caretaker} from './caretaker.js'
import {COMMAND_TIMEOUT_MS} from './limits.js'
import {PartitionMaker} from './partition-maker.js'
import {poolOf} from './postgres-pool.js'

/** As the rest of the node sees it. */
export interface Upkeep {
  /** Whether this node does it. */
  readonly leads: boolean
  /** Partitions that begin later than now. */
  readonly partitionsAhead: number
  /** Messages that this node has archived. */
  readonly archived: number
  /** A defect: no partition reaches beyond this moment (ms since 1970), and none is made; undefined for no such thing. */
  runsOutAt: Ms | undefined
  /** A defect: whether the archiver passes over its next batch. */
  skips: (() => boolean) | undefined
}

export class ShardUpkeep implements Upkeep {
  readonly maker: PartitionMaker
  readonly #archiver = new Archiver()
  #caretaker: Caretaker | undefined

  constructor(private readonly parts: {readonly url: string; readonly clock: Clock; readonly random: Random}) {
    this.maker = new PartitionMaker(parts.clock)
  }

  get leads(): boolean {
    return this.#caretaker?.leads === true
  }

  get partitionsAhead(): number {
    return this.maker.ahead
  }

  get archived(): number {
    return this.#archiver.archived
  }

  get runsOutAt(): Ms | undefined {
    return this.maker.runsOutAt
  }

  set runsOutAt(moment: Ms | undefined) {
    this.maker.runsOutAt = moment
  }

  get skips(): (() => boolean) | undefined {
    return this.#archiver.skips
  }

  set skips(skips: (() => boolean) | undefined) {
    this.#archiver.skips = skips
  }

  /** From now on; the tables are there. */
  begin(): void {
    const {url, clock, random} = this.parts
    const pool = poolOf(url, {max: 1, timeoutMs: COMMAND_TIMEOUT_MS})
    const chores = [this.maker, this.#archiver].map((one) => one.tend.bind(one))
    this.#caretaker = new Caretaker({pool, clock, random, chores})
  }

  async close(): Promise<void> {
    await this.#caretaker?.close()
  }
}
