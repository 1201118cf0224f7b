/** What the calls of a stretch say of N+1; pure. */
import {formatCount, formatDuration, formatShare} from '../../../../base/format-units.js'
import {median} from '../../../../verdict/median.js'
import type {CheckResult} from '../check.js'
import {counted, gauges} from '../slices.js'
import type {NPlusOneFacts, Suspected} from './run.js'

const LONGEST = 160

const CAVEAT =
  'Counts alone make a suspicion, no proof: that as many calls came as rows can be chance. A trace of one request shows it.'

export function judgeNPlusOne({trouble, statements, suspected}: NPlusOneFacts): CheckResult {
  if (trouble !== undefined)
    return {metrics: counted('n_plus_one', [], 0), sentences: [`N+1 was not looked for: ${trouble}.`]}
  const savings = suspected.flatMap(({table, batching}) =>
    batching?.saving && batching.identical
      ? [{tags: {table}, value: batching.saving.saving, interval: batching.saving.interval}]
      : [],
  )
  const metrics = {
    ...counted('n_plus_one', [{value: suspected.length}], statements),
    ...(savings.length > 0 && gauges('batching_speedup', savings)),
  }
  if (suspected.length === 0)
    return {
      metrics,
      sentences: [`None of ${formatCount(statements)} statements was called for each row of another one.`],
    }
  return {metrics, sentences: [...suspected.map(sentenceOf), CAVEAT]}
}

function sentenceOf({parent, child, key, parentRows, childCalls, batching}: Suspected): string {
  const pair = `Perhaps N+1 on ${key}: ${formatCount(childCalls)} calls of "${shortened(child)}" against ${formatCount(parentRows)} rows of "${shortened(parent)}".`
  if (batching === undefined) return pair
  const {keys, asked, pairs, identical, saving} = batching
  const what = asked === 'itself' ? 'the same' : 'its table'
  const [slow, fast] = [median(pairs.map(([one]) => one)), median(pairs.map(([, other]) => other))]
  const times = `${formatCount(keys)} lookups one by one took ${formatDuration(slow)}, ${what} asked with = ANY($1) ${formatDuration(fast)}`
  const saved = saving === undefined ? '' : ` (${formatShare(saving.saving)} saved)`
  return `${pair} ${times}${saved}${identical ? '' : ', but the rows are not the same'}.`
}

function shortened(sql: string): string {
  const line = sql.replaceAll(/\s+/g, ' ').trim()
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line
}
