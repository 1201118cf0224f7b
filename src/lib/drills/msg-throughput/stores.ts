/** What lies in the stores behind a run: how evenly over the shards, and in which partitions. */
import type {PartitionFacts} from '../../protocols/postgres/inspect-partitions.js'
import {StampReader} from '../../protocols/stamp.js'
import type {Kit} from '../drill.js'
import type {MsgThroughputPlan} from './plan.js'
import type {RunSite} from './sites.js'

export interface StoreFacts {
  /** Messages of this run on each shard. */
  readonly shards: readonly number[]
  /** Of each shard; undefined without partitions. */
  readonly partitions?: readonly PartitionFacts[]
  /** Why they could not be looked at, if so. */
  readonly trouble?: string
}

/** Undefined where nothing is known of any stores, or nothing would follow from it. */
export async function lookAtStores(
  {weighsShards}: Pick<MsgThroughputPlan, 'weighsShards'>,
  site: RunSite | undefined,
  kit: Kit,
): Promise<StoreFacts | undefined> {
  try {
    return (await ownTables(site)) ?? (weighsShards ? await storesOfTarget(kit) : undefined)
  } catch (error) {
    return {shards: [], trouble: error instanceof Error ? error.message : String(error)}
  }
}

async function ownTables(site: RunSite | undefined): Promise<StoreFacts | undefined> {
  const shards = await site?.countsByShard?.()
  if (!shards) return undefined
  const partitions = await site?.inspectPartitions?.()
  return {shards, ...(partitions && {partitions})}
}

/** Of a chat that says where it keeps its messages. */
async function storesOfTarget({target, runId}: Kit): Promise<StoreFacts | undefined> {
  const {store} = target.profile
  if (!store || store.shards.length < 2) return undefined
  const {textsOf} = await import('../../protocols/postgres/texts.js')
  const reader = new StampReader(runId)
  const shards = await Promise.all(
    store.shards.map(async (url) => {
      let messages = 0
      const count = {stamp: () => (messages += 1), broken: () => undefined}
      for await (const text of textsOf([url], store.bodies, target.tls)) reader.read(text, count)
      return messages
    }),
  )
  return {shards}
}
