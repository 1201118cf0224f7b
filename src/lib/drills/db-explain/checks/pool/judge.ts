/** Which pool size is best, and what it takes of the server's connections; pure. */
import {formatCount, formatDuration, formatRate, formatShare} from '../../../../base/format-units.js'
import type {CheckResult} from '../check.js'
import {distributions, gauges} from '../slices.js'
import type {PoolFacts, SizeFacts} from './run.js'
import {kneeOf} from './sizes.js'

const CROWDED = 0.8

export function judgePool({trouble, room, sizes}: PoolFacts): CheckResult {
  const knee = kneeOf(sizes)
  if (knee === undefined) {
    const why = trouble ?? `no query was answered${failures(sizes)}`
    const metrics = {...gauges('pool_knee', [], [{why}]), ...gauges('pool_used', [], [{why}])}
    return {metrics, sentences: [`The pool was not tried: ${why}.`]}
  }
  const used = (knee.size + room.others) / room.allowed
  const tagsOf = ({size}: SizeFacts) => ({size: String(size)})
  const metrics = {
    ...gauges(
      'pool_throughput',
      sizes.map((one) => ({tags: tagsOf(one), value: one.throughput})),
    ),
    ...distributions(
      'pool_latency',
      sizes.map((one) => ({tags: tagsOf(one), value: one.times.encoded})),
    ),
    ...gauges('pool_knee', [{value: knee.size}]),
    ...gauges('pool_used', [{value: used}]),
  }
  // Little's law: how many are busy = how many come × how long each takes.
  const busy = (knee.throughput * knee.times.mean) / 1000
  const sentences = [
    `Pools with all connections busy: ${sizes.map(sizeWords).join('; ')}.`,
    `The knee is at ${formatCount(knee.size)} connections: within 5 % of the most, at the lowest p95. By Little's law ${formatRate(knee.throughput)} × ${formatDuration(knee.times.mean)} keeps ${busy.toFixed(1)} of them busy; at a rate of your own multiply it the same way.`,
    `Such a pool and ${formatCount(room.others)} of others take ${formatShare(used)} of the ${formatCount(room.allowed)} that the server allows${used > CROWDED ? ': several instances of the application need a pooler in front' : ''}.`,
    ...(trouble === undefined ? [] : [`It was not tried further: ${trouble}.`]),
    ...(failures(sizes) === '' ? [] : [`Some queries failed${failures(sizes)}.`]),
  ]
  return {metrics, sentences}
}

function sizeWords({size, throughput, p95}: SizeFacts): string {
  return `${formatCount(size)}: ${formatRate(throughput)}, p95 ${formatDuration(p95)}`
}

/** ` (57014: 3)`. */
function failures(sizes: readonly SizeFacts[]): string {
  const total = new Map<string, number>()
  for (const [reason, times] of sizes.flatMap(({failed}) => Object.entries(failed)))
    total.set(reason, (total.get(reason) ?? 0) + times)
  const words = [...total].map(([reason, times]) => `${reason}: ${formatCount(times)}`)
  return words.length === 0 ? '' : ` (${words.join(', ')})`
}
