/** Watches how many of the blocks that a workload asks for were in shared_buffers already. */
import type {Ms} from '../../../../base/units.js'
import type {Session} from '../../../../protocols/postgres/session.js'
import type {CheckKit} from '../check.js'
import {flushCounts} from '../flush.js'
import {blocksBetween, readBlocks, type Blocks} from './blocks.js'

export interface CacheHitOrder {
  /** The one in which the workload runs, so that what it did can be counted at once. */
  readonly session: Session
  readonly workload: () => Promise<void>
}

export interface CacheHitFacts {
  /** Most asked for first; undefined: the counts were set back meanwhile. */
  readonly blocks: readonly Blocks[] | undefined
  /** Of the whole database; undefined where track_io_timing is off. */
  readonly readMs: Ms | undefined
  /** `128MB`. */
  readonly sharedBuffers: string
}

export async function runCacheHit({session, workload}: CacheHitOrder, kit: CheckKit): Promise<CacheHitFacts> {
  kit.note({phase: 'checks', text: 'cache-hit: blocks that the workload asks for'})
  await flushCounts(session, kit.clock, kit.signal)
  const before = await readBlocks(session)
  await workload()
  await flushCounts(session, kit.clock, kit.signal)
  const after = await readBlocks(session)
  const [server] = await session.ask<{size: string}>(`SELECT current_setting('shared_buffers') AS size`)
  const blocks = blocksBetween(before, after)
  return {
    blocks: blocks?.toSorted((one, other) => other.hit + other.read - (one.hit + one.read)),
    readMs: after.timed && blocks !== undefined ? Math.max(0, after.readMs - before.readMs) : undefined,
    sharedBuffers: server?.size ?? 'unknown',
  }
}
