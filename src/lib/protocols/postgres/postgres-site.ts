/** The table of a run in every shard: made before the load with its first partitions, looked at afterwards, and removed. */
import type {Clock} from '../../base/clock.js'
import {ProofloadError, UsageError} from '../../base/errors.js'
import type {Ms} from '../../base/units.js'
import type {Site} from '../messaging/carrier.js'
import type {Certificates} from '../tls.js'
import {inspectPartitions, type PartitionFacts} from './inspect-partitions.js'
import {PartitionMaker} from './partition-maker.js'
import {ShardOffice} from './shard-office.js'
import {unusable} from './trouble.js'

export interface PostgresSiteOptions {
  /** One each shard; may hold secrets. */
  readonly urls: readonly string[]
  readonly tls: Certificates
  /** [0-9a-z]{8}. */
  readonly run: string
  readonly timeoutMs: Ms
  /** Of one partition: the length of the load over the number of partitions. Undefined: none. */
  readonly partitionMs?: Ms | undefined
}

export interface PostgresSite extends Site {
  /** The load begins in so long: partitions are cut by that moment, and kept ahead until `finish`. Nothing without partitions. */
  begin(startsInMs: Ms): Promise<void>
  /** The load is over, the drain included. */
  finish(): Promise<void>
  /** Rows of each shard. Rejects with a TargetError when one does not answer. */
  countsByShard(): Promise<readonly number[]>
  /** One each shard, after `finish`; undefined without partitions. */
  inspectPartitions(): Promise<readonly PartitionFacts[] | undefined>
}

/** Throws a UsageError for a URL that is none of Postgres. */
export function postgresSite(options: PostgresSiteOptions, {clock}: {readonly clock: Clock}): PostgresSite {
  return new ShardedSite(options, clock)
}

interface Shard {
  readonly office: ShardOffice
  readonly maker: PartitionMaker | undefined
}

class ShardedSite implements PostgresSite {
  readonly #shards: readonly Shard[]
  #server: string | undefined

  constructor({urls, partitionMs: lengthMs, ...common}: PostgresSiteOptions, clock: Clock) {
    this.#shards = urls.map((url, shard) => {
      const office = new ShardOffice(url, {...common, shard})
      if (lengthMs === undefined) return {office, maker: undefined}
      return {office, maker: new PartitionMaker({office, run: common.run, lengthMs, clock})}
    })
  }

  get server(): string | undefined {
    return this.#server
  }

  async prepare(): Promise<void> {
    const versions = await this.#each(({office}) => office.greet())
    const count = this.#shards.length
    this.#server = `PostgreSQL ${[...new Set(versions)].join(' and ')}, ${count} ${count === 1 ? 'shard' : 'shards'}`
    // One after the other: the table of one that turns up in the next shows that they are the same database.
    for (const shard of this.#shards) await told(shard, this.#make(shard))
  }

  async begin(startsInMs: Ms): Promise<void> {
    await this.#each(({maker}) => maker?.begin(startsInMs) ?? Promise.resolve())
  }

  async finish(): Promise<void> {
    await this.#each(({maker}) => maker?.finish() ?? Promise.resolve())
  }

  async countsByShard(): Promise<readonly number[]> {
    return this.#each(({office}) => office.count())
  }

  async inspectPartitions(): Promise<readonly PartitionFacts[] | undefined> {
    if (this.#shards.some(({maker}) => maker === undefined)) return undefined
    return this.#each(async ({office, maker}) => {
      const {timing, made, endedAtMs} = maker ?? {}
      if (timing === undefined || made === undefined || endedAtMs === undefined) {
        throw new Error('partitions are inspected after the load')
      }
      return office.atLength((session) => {
        return inspectPartitions({session, schema: office.schema, timing, made, endedAtMs})
      })
    })
  }

  async remove(): Promise<readonly string[]> {
    const left = await Promise.all(
      this.#shards.map(async ({office, maker}) => {
        await maker?.stop()
        const lines = await office.remove()
        await office.close()
        return lines
      }),
    )
    return left.flat()
  }

  async #make({office, maker}: Shard): Promise<void> {
    const [first] = this.#shards
    const ours = (await office.find()).some((table) => office.isOurs(table))
    if (ours && office !== first?.office) {
      throw new UsageError(`${office.place} is the same database as a shard before it`, {
        hint: 'give each shard a database of its own',
      })
    }
    await office.create(maker !== undefined)
    await maker?.prepare()
  }

  /** Of those that fail the first one is told, once all have ended: nothing goes on behind the back of `remove`. */
  async #each<Answer>(work: (shard: Shard) => Promise<Answer>): Promise<Answer[]> {
    const all = this.#shards.map((shard) => told(shard, work(shard)))
    await Promise.allSettled(all)
    return Promise.all(all)
  }
}

/** Errors of the server become a TargetError that names the shard; our own stay as they are. */
async function told<Answer>({office}: Shard, work: Promise<Answer>): Promise<Answer> {
  try {
    return await work
  } catch (error) {
    throw error instanceof ProofloadError ? error : unusable(office.place, error)
  }
}
