/** How long inserts took at their rate; pure. */
import {formatCount, formatDuration, formatRate} from '../../../../base/format-units.js'
import type {CheckResult} from '../check.js'
import {counted, distributions} from '../slices.js'
import type {InsertsFacts} from './run.js'

export function judgeInserts(facts: InsertsFacts): CheckResult {
  const {trouble, table, latency, service, failed, due, rate, kept} = facts
  const tags = {table}
  const tried = latency.count + Object.values(failed).reduce((total, times) => total + times, 0)
  const metrics = {
    ...distributions('insert_latency', latency.count === 0 ? [] : [{tags, value: latency.encoded}]),
    ...counted(
      'insert_errors',
      Object.entries(failed).map(([reason, value]) => ({tags: {...tags, reason}, value})),
      tried,
    ),
  }
  if (trouble !== undefined) return {metrics, sentences: [`Nothing was inserted: ${trouble}.`]}
  const reasons = Object.entries(failed).map(([reason, times]) => `${reason}: ${formatCount(times)}`)
  const commits = kept ? '' : ' Each was rolled back, so that the commit is not in it.'
  const missing = due - tried
  return {
    metrics,
    sentences: [
      `${formatCount(latency.count)} inserts into ${table} at ${formatRate(rate)}: p95 ${formatDuration(latency.p95)} from when each was due, ${formatDuration(service.p95)} from when it was sent.${commits}`,
      ...(reasons.length === 0 ? [] : [`Failed: ${reasons.join(', ')}.`]),
      ...(missing > 0 ? [`${formatCount(missing)} were not sent: it was interrupted, or the sessions were lost.`] : []),
    ],
  }
}
