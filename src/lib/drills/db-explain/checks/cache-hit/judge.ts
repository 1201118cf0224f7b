/** What the blocks of a workload say of the cache; pure. */
import {formatCount, formatDuration, formatShare} from '../../../../base/format-units.js'
import type {CheckResult} from '../check.js'
import {shares} from '../slices.js'
import type {Blocks} from './blocks.js'
import type {CacheHitFacts} from './run.js'

/** So many of the worst are named. */
const NAMED = 3
/** What was hardly asked for says nothing. */
const FEWEST_BLOCKS = 100

const CAVEAT =
  'A block that was not there is not a disk read: the cache of the operating system is invisible to the server, and a large scan goes through a ring of a few buffers. A bad query that reads the same blocks again and again raises the ratio.'

export function judgeCacheHit({blocks, readMs, sharedBuffers}: CacheHitFacts): CheckResult {
  const metrics = shares(
    'cache_hit_ratio',
    (blocks ?? []).map(({table, index, hit, read}) => ({
      tags: {table, ...(index !== undefined && {index})},
      value: {hits: hit, trials: hit + read},
    })),
  )
  if (blocks === undefined)
    return {metrics, sentences: ['The counts of blocks were set back while the workload ran: no ratio can be told.']}
  const [hit, read] = [sum(blocks.map((one) => one.hit)), sum(blocks.map((one) => one.read))]
  if (hit + read === 0)
    return {metrics, sentences: ['The workload asked for no block of a table or an index: there is no ratio to judge.']}
  const timed =
    readMs === undefined
      ? 'How long that took is not known, as track_io_timing is off.'
      : `Reading took ${formatDuration(readMs)} in all, of this database.`
  return {
    metrics,
    sentences: [
      `${formatShare(hit / (hit + read))} of ${formatCount(hit + read)} blocks were in shared_buffers (${sharedBuffers}), those that others asked for meanwhile included. ${timed}`,
      ...worst(blocks),
      CAVEAT,
    ],
  }
}

function worst(blocks: readonly Blocks[]): string[] {
  const asked = blocks.filter(({hit, read}) => hit + read >= FEWEST_BLOCKS && read > 0)
  const named = asked
    .toSorted((one, other) => ratioOf(one) - ratioOf(other))
    .slice(0, NAMED)
    .map((one) => `${one.index ?? one.table} ${formatShare(ratioOf(one))}`)
  return named.length === 0 ? [] : [`Lowest: ${named.join(', ')}.`]
}

function ratioOf({hit, read}: Blocks): number {
  return hit / (hit + read)
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
