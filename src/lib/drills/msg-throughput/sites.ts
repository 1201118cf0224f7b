/** What a transport needs at its server before the load, and tells afterwards. */
import type {Ms} from '../../base/units.js'
import type {Site} from '../../protocols/messaging/carrier.js'
import type {PartitionFacts} from '../../protocols/postgres/inspect-partitions.js'
import type {Kit} from '../drill.js'
import type {MsgThroughputPlan} from './plan.js'

/** The load begins and ends: for sites that make things meanwhile. */
export interface RunSite extends Site {
  begin?(startsInMs: Ms): Promise<void>
  finish?(): Promise<void>
  countsByShard?(): Promise<readonly number[]>
  inspectPartitions?(): Promise<readonly PartitionFacts[] | undefined>
}

/** Undefined for a chat, which has all that it needs. Nothing is made yet. */
export async function siteFor(plan: MsgThroughputPlan, kit: Kit): Promise<RunSite | undefined> {
  const {layout, transport, ackTimeoutMs: timeoutMs, payload, durationMs, rampMs, partitions} = plan
  const {clock, random, target, runId: run} = kit
  const order = {layout, urls: target.urls, tls: target.tls, run, timeoutMs}
  switch (transport) {
    case 'ws':
    case 'http':
      return undefined
    case 'redis-pubsub':
    case 'redis-stream': {
      const {redisSite} = await import('../../protocols/redis/redis-site.js')
      return redisSite(transport, order, {random})
    }
    case 'amqp': {
      const {amqpSite} = await import('../../protocols/amqp/amqp-site.js')
      if (!plan.amqp) throw new Error('a plan for amqp says which queues')
      return amqpSite({...order, payloadBytes: payload.bytes}, {clock, random}, plan.amqp)
    }
    case 'postgres': {
      const {postgresSite} = await import('../../protocols/postgres/postgres-site.js')
      const partitionMs = partitions === undefined ? undefined : (rampMs + durationMs) / partitions
      return postgresSite({...order, partitionMs}, {clock})
    }
  }
}

/** Removes what was made, whatever became of the run; what is left is told once. */
export class Belongings implements AsyncDisposable {
  #removed = false

  constructor(
    private readonly site: RunSite | undefined,
    private readonly kit: Pick<Kit, 'note'>,
  ) {}

  /** One line for each thing that could not be removed. */
  async remove(): Promise<readonly string[]> {
    if (this.#removed) return []
    this.#removed = true
    const left = (await this.site?.remove()) ?? []
    for (const text of left) this.kit.note({phase: 'closing', text})
    return left
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.remove()
  }
}
