/** What pages by OFFSET and by key have cost at each depth; pure. */
import {formatCount, formatDuration, formatShare} from '../../../../base/format-units.js'
import type {Ms} from '../../../../base/units.js'
import {median} from '../../../../verdict/median.js'
import {theilSen} from '../../../../verdict/theil-sen.js'
import type {CheckResult} from '../check.js'
import {gauges} from '../slices.js'
import type {DepthFacts, PaginationFacts} from './run.js'

const PER_ROWS = 1000

const CAVEATS = [
  'OFFSET reads and drops every row before the page; a key goes to its row at once, but cannot jump to page N.',
  'The two differ while rows are inserted: OFFSET shows a row twice or leaves one out when rows come in before the page, a key goes on exactly behind the last row that was seen.',
]

export function judgePagination(facts: PaginationFacts): CheckResult {
  const {trouble, table, depths} = facts
  if (trouble !== undefined || depths.length === 0) {
    const why = trouble ?? `${table} has no row`
    return {metrics: gauges('keyset_speedup', [], [{why}]), sentences: [`Pages were not turned: ${why}.`]}
  }
  const deep = depths.filter(({depth}) => depth > 0)
  const taken = deep.flatMap(({depth, identical, saving}) =>
    identical && saving ? [{tags: {depth: String(depth)}, value: saving.saving, interval: saving.interval}] : [],
  )
  const untaken = deep.flatMap(({depth, identical, saving}) => {
    if (identical && saving) return []
    const why = identical ? 'it was interrupted' : 'the page by key is not the page by OFFSET'
    return [{tags: {depth: String(depth)}, why: `behind ${formatCount(depth)} rows ${why}`}]
  })
  const shallow = deep.length === 0 ? [{why: `${table} has no row behind the first page`}] : []
  return {metrics: gauges('keyset_speedup', taken, [...untaken, ...shallow]), sentences: sentencesOf(facts)}
}

function sentencesOf({query, table, pageRows, index, ddl, depths}: PaginationFacts): string[] {
  const from = query === undefined ? '' : `, in the order of ${query}`
  const differing = depths.filter(({identical}) => !identical).map(({depth}) => formatCount(depth))
  const same =
    differing.length === 0 ? 'The pages are identical.' : `The pages differ behind ${differing.join(', ')} rows.`
  return [
    `Pages of ${formatCount(pageRows)} rows of ${table}${from}, by OFFSET and by key: ${depths.map(atDepth).join('; ')}. ${same}`,
    ...slopes(depths),
    ...aboutIndex(index, ddl),
    ...CAVEATS,
  ]
}

function atDepth({depth, pairs, saving}: DepthFacts): string {
  const [offset, key] = [median(pairs.map(([slow]) => slow)), median(pairs.map(([, fast]) => fast))]
  const saved = saving === undefined ? '' : ` (${formatShare(saving.saving)} saved)`
  return `behind ${formatCount(depth)} rows ${formatDuration(offset)} and ${formatDuration(key)}${saved}`
}

function slopes(depths: readonly DepthFacts[]): string[] {
  const per = (way: 0 | 1): Ms | undefined =>
    theilSen(
      depths.map(({depth}) => depth),
      depths.map(({pairs}) => median(pairs.map((pair) => pair[way]))),
    )?.slope
  const [offset, key] = [per(0), per(1)]
  if (offset === undefined || key === undefined) return []
  const words = (slope: Ms) => formatDuration(Math.max(0, slope * PER_ROWS))
  return [
    `Each further ${formatCount(PER_ROWS)} rows of depth cost ${words(offset)} by OFFSET and ${words(key)} by key.`,
  ]
}

function aboutIndex(index: PaginationFacts['index'], ddl: string): string[] {
  if (index === 'there') return []
  if (index === 'made') return [`The index that serves this order was made for the measurement and rolled back: ${ddl}`]
  return [
    `No index serves this order, so that every page is sorted anew and a key gains little: make one, with the columns of the filter in front, as ${ddl}`,
  ]
}
