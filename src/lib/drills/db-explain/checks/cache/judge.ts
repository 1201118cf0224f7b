/** What a cache brings, and whether it tells the truth; pure. */
import {formatCount, formatDuration, formatShare} from '../../../../base/format-units.js'
import type {MetricSet} from '../../../../metrics/metric.js'
import type {CheckResult} from '../check.js'
import {counted, distributions, gauges, shares} from '../slices.js'
import type {HotReads} from './hot-reads.js'
import type {CacheFacts} from './run.js'
import type {Times} from '../times.js'

export function judgeCache(facts: CacheFacts): CheckResult {
  const {trouble, hot, stampede, members, stale} = facts
  const metrics: MetricSet = {
    ...shares('redis_hit_ratio', hot ? [{value: {hits: hot.hits, trials: hot.reads}}] : []),
    ...distributions('redis_set_lookup', members && members.times.count > 0 ? [{value: members.times.encoded}] : []),
    ...counted('stale_reads', stale ? [{value: stale.stale}] : [], stale?.reads ?? 0),
    ...(stampede &&
      gauges('stampede_reads', [
        {tags: {policy: 'plain'}, value: stampede.plain},
        {tags: {policy: 'single-flight'}, value: stampede.singleFlight},
      ])),
  }
  if (trouble !== undefined) return {metrics, sentences: [`A cache was not tried: ${trouble}.`]}
  return {metrics, sentences: [...hotSentences(hot), ...otherSentences(facts)]}
}

function hotSentences(hot: HotReads | undefined): string[] {
  if (hot === undefined) return ['No query can be run, so that nothing was read through the cache.']
  const {query, keys, reads, hits, hit, miss, database, breakEven} = hot
  if (hits === 0) return [`${query} was read ${formatCount(reads)} times through the cache, and no read was a hit.`]
  const few = keys > 1 ? '' : ' A single key says little of the hits that many would have.'
  const pays =
    breakEven === undefined
      ? 'The query itself is as fast as a hit, so that no share of hits makes up for the cache.'
      : `The cache is faster on the whole from ${formatShare(Math.round(breakEven * 1000) / 1000)} of hits on.`
  return [
    `${query} through a cache that was empty at first, ${formatCount(reads)} reads of ${formatCount(keys)} keys (Zipf): ${formatShare(hits / reads)} hits; p50/p95 ${times(hit)} for a hit, ${times(miss)} for a miss, ${times(database)} for the query alone with the indexes that are there. ${pays}${few}`,
  ]
}

function otherSentences({stampede, members, stale}: CacheFacts): string[] {
  const rush = stampede && [
    `Of ${formatCount(stampede.readers)} readers of one cold key, all at once, ${formatCount(stampede.plain)} reached the database; when only one may fetch, ${formatCount(stampede.singleFlight)}.`,
  ]
  const sets = members && [
    `Membership in a set of Redis: p50/p95 ${times(members.times)}${members.wrong > 0 ? `; ${formatCount(members.wrong)} answers were wrong` : ''}.`,
  ]
  const old =
    stale === undefined
      ? 'Stale reads were not looked for: that takes writes, and this database is not ours.'
      : `${formatCount(stale.stale)} of ${formatCount(stale.reads)} reads under ${formatCount(stale.writes)} writes were stale: they began after a write was through and did not see it.`
  return [...(rush ?? []), ...(sets ?? []), old]
}

function times({p50, p95}: Times): string {
  return `${formatDuration(p50)}/${formatDuration(p95)}`
}
