/** What must hold by default at each level. */
import type {CheckName, DbExplainInput} from './input.js'

type Asked = Pick<DbExplainInput, 'level' | 'goal' | 'gates'> & {readonly checks: readonly CheckName[]}

/** A check that only tells has none. */
const OF_CHECKS: Readonly<Record<CheckName, readonly string[]>> = {
  'cache-hit': ['cache_hit_ratio >= 95%'],
  pagination: [],
  cache: ['stale_reads == 0', 'p95(redis_set_lookup) < 1ms'],
  'n-plus-one': ['n_plus_one == 0'],
  pool: ['warn: pool_used < 80%'],
  unused: ['warn: unused_indexes == 0', 'warn: redundant_indexes == 0'],
  inserts: ['p95(insert_latency) < 50ms'],
  maintenance: ['warn: tables_need_vacuum == 0', 'warn: tables_need_analyze == 0'],
}

/** What a look without any trial can say; a query that the server would not run counts as a failed execution. */
const GATES = ['slow_queries == 0', 'missing_indexes == 0', 'query_error_rate < 1%']

export function promisesOf({level, goal, gates, checks}: Asked): string[] {
  const own =
    level === 'read'
      ? gates.length > 0
        ? gates
        : GATES
      : [...proofs(goal), ...(level === 'trial' ? [] : WRITES), ...gates]
  return [...own, ...checks.flatMap((name) => OF_CHECKS[name])]
}

/** Only written to a database of our own. */
const WRITES = ['warn: insert_slowdown < 30%']

function proofs(goal: number): string[] {
  const least = `${Number((goal * 100).toPrecision(6))}%`
  return [
    `query_speedup{query=*} >= ${least}`,
    `workload_speedup >= ${least}`,
    'results_changed == 0',
    'regressed_queries == 0',
    'query_error_rate < 1%',
  ]
}
