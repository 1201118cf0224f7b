/** What indexes that serve nobody cost, and how to be rid of them; pure. */
import {formatCount, formatDuration, formatSize} from '../../../../base/format-units.js'
import type {CheckResult} from '../check.js'
import {counted, gauges} from '../slices.js'
import type {IndexFacts} from './indexes.js'
import type {UnusedFacts} from './run.js'

export function judgeUnused(facts: UnusedFacts): CheckResult {
  const {indexes, unused, redundant, known} = facts
  const going = needless(facts)
  const bytes = going.reduce((total, one) => total + one.bytes, 0)
  const metrics = {
    ...counted('unused_indexes', perTable(unused), known ? indexes : 0),
    ...counted('redundant_indexes', perTable(redundant.map(({index}) => index)), indexes),
    ...gauges('index_bytes_saved', [{value: bytes}]),
  }
  const pairs = redundant.map(({index, by, how}) =>
    how === 'duplicate'
      ? `${index.quoted} is the same as ${by.quoted}.`
      : `${index.quoted} does nothing that the first columns of ${by.quoted} do not.`,
  )
  const nobody = unused.map(({quoted, bytes}) => `${quoted} (${formatSize(bytes)}) was never used.`)
  const total =
    going.length === 0
      ? `None of ${formatCount(indexes)} indexes is known to be needless.`
      : `${formatCount(going.length)} of ${formatCount(indexes)} indexes are needless and hold ${formatSize(bytes)}.`
  return {metrics, sentences: [total, ...pairs, ...nobody, ...caveats(facts), ...going.map(dropSql)]}
}

/** Each once: one can be both unused and redundant. What does the work of a redundant one stays, even if neither was used. */
function needless({unused, redundant}: UnusedFacts): readonly IndexFacts[] {
  return [...new Map([...redundant.map(({index}) => index), ...unused].map((index) => [index.oid, index])).values()]
}

function perTable(indexes: readonly IndexFacts[]) {
  return indexes.map(({schema, table}) => ({tags: {table: `${schema}.${table}`}, value: 1}))
}

/** Of a partitioned table it goes with a lock: https://www.postgresql.org/docs/17/sql-dropindex.html */
function dropSql({quoted, partitioned}: Pick<IndexFacts, 'quoted' | 'partitioned'>): string {
  return `DROP INDEX ${partitioned ? '' : 'CONCURRENTLY '}${quoted};`
}

function caveats({known, countedForMs, hasStandby, unused}: UnusedFacts): string[] {
  const since =
    countedForMs === null ? 'the server does not tell since when' : `for ${formatDuration(countedForMs)} only`
  return [
    ...(known ? [] : [`Whether indexes are used is not known: uses have been counted ${since}, and it takes a week.`]),
    ...(unused.length > 0 && hasStandby ? ['Uses on a standby are not counted here: look there before you drop.'] : []),
  ]
}
