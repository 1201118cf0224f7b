/** Which tables need VACUUM or ANALYZE, and why; pure. */
import {formatCount, formatShare} from '../../../../base/format-units.js'
import type {CheckResult} from '../check.js'
import {counted, gauges} from '../slices.js'
import type {Misestimate} from './estimates.js'
import type {MaintenanceFacts} from './run.js'
import type {TableUpkeep} from './tables.js'

/** Small tables are made of a few pages that nobody can save. */
const FEWEST_PAGES = 100
/** Estimates of width are off by this much. */
const NOTABLE_BLOAT = 0.3
const NOTABLE_UNSEEN = 0.1

export function judgeMaintenance({tables, estimates}: MaintenanceFacts): CheckResult {
  const [vacuum, analyze] = [tables.filter(needsVacuum), tables.filter(needsAnalyze)]
  const old = tables.filter(({age, freezeAt}) => age > freezeAt)
  const bloat = tables.flatMap((table) => {
    const share = bloatOf(table)
    return share === undefined ? [] : [{table, share}]
  })
  const tagged = (found: readonly TableUpkeep[]) => found.map(({table}) => ({tags: {table}, value: 1}))
  const misled = estimates.wrong.map(({table}) => ({tags: table === undefined ? {} : {table}, value: 1}))
  const metrics = {
    ...counted('tables_need_vacuum', tagged(vacuum), tables.length),
    ...counted('tables_need_analyze', tagged(analyze), tables.length),
    ...counted('tables_near_wraparound', tagged(old), tables.length),
    ...gauges(
      'table_bloat',
      bloat.map(({table, share}) => ({tags: {table: table.table}, value: share})),
    ),
    ...counted('misleading_estimates', misled, estimates.nodes),
  }
  const stale = new Set(analyze.map(({table}) => table))
  const sentences = [
    ...vacuum.map(vacuumSentence),
    ...analyze.map(analyzeSentence),
    ...old.map(
      ({quoted, age}) => `${quoted} was last frozen ${formatCount(age)} transactions ago: VACUUM (FREEZE) ${quoted};`,
    ),
    ...bloat.filter(({share}) => share >= NOTABLE_BLOAT).map(({table, share}) => bloatSentence(table, share)),
    ...worstOfEach(estimates.wrong).map((one) => estimateSentence(one, stale)),
  ]
  const well = `All of ${formatCount(tables.length)} tables are kept up.`
  return {metrics, sentences: sentences.length === 0 ? [well] : sentences}
}

/** Rows that came in are counted a little late, so that some of them were seen by the last VACUUM already. */
function needsVacuum({dead, vacuumAt, inserted, insertVacuumAt, unseen}: TableUpkeep): boolean {
  const grown = insertVacuumAt !== null && inserted > insertVacuumAt && unseen > NOTABLE_UNSEEN
  return dead > vacuumAt || grown
}

function needsAnalyze({modified, analyzeAt, hasStatistics, pages}: TableUpkeep): boolean {
  return modified > analyzeAt || (!hasStatistics && (pages > 0 || modified > 0))
}

/** Undefined where it cannot be estimated. */
function bloatOf({pages, neededPages}: TableUpkeep): number | undefined {
  if (neededPages === null || pages < FEWEST_PAGES) return undefined
  return Math.max(0, 1 - neededPages / pages)
}

function vacuumSentence(table: TableUpkeep): string {
  const {quoted, dead, vacuumAt, inserted, autovacuum} = table
  const why =
    dead > vacuumAt
      ? `${formatCount(dead)} dead rows, more than the ${formatCount(Math.floor(vacuumAt))} at which autovacuum steps in`
      : `${formatCount(inserted)} rows came in since the last VACUUM, so that index-only scans must look at the table`
  return `${quoted} has ${why}${autovacuum ? '' : '; autovacuum is off for it'}: VACUUM ${quoted};`
}

function analyzeSentence({quoted, hasStatistics, modified}: TableUpkeep): string {
  const why = hasStatistics
    ? `${formatCount(modified)} rows changed since its statistics were taken`
    : 'the planner has no statistics of it that we may see'
  return `${quoted}: ${why}: ANALYZE ${quoted};`
}

function bloatSentence({quoted}: TableUpkeep, share: number): string {
  const about = formatShare(Math.round(share * 100) / 100)
  return `${quoted}: about ${about} of its pages are more than its rows need, by its statistics: pg_repack, or VACUUM FULL, which locks it.`
}

/** Other values of a query bring the same node again. */
function worstOfEach(wrong: readonly Misestimate[]): readonly Misestimate[] {
  const factor = ({estimated, actual}: Misestimate) => Math.abs(Math.log(Math.max(1, estimated) / Math.max(1, actual)))
  const worst = new Map<string, Misestimate>()
  for (const one of wrong) {
    const key = `${one.query}\0${one.node}\0${one.table ?? ''}`
    const known = worst.get(key)
    if (known === undefined || factor(one) > factor(known)) worst.set(key, one)
  }
  return [...worst.values()]
}

function estimateSentence({query, node, table, estimated, actual}: Misestimate, stale: ReadonlySet<string>): string {
  const where = table === undefined ? node : `${node} on ${table}`
  const rows = `${formatCount(Math.round(estimated))} rows were expected and ${formatCount(Math.round(actual))} came`
  if (table === undefined) return `${query}: ${rows} at its ${where}.`
  const advice = stale.has(table)
    ? 'its statistics are stale: ANALYZE it'
    : 'columns that depend on each other may take CREATE STATISTICS, a skewed one a higher statistics target'
  return `${query}: ${rows} at its ${where}; ${advice}.`
}
