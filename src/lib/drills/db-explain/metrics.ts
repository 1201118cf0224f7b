/** Everything that db-explain can report. */
import {generatorMetrics} from '../../load/health.js'
import {checkMetrics} from './checks/metrics.js'
import {count, time} from '../../metrics/define.js'
import type {MetricCatalogue, MetricDefinition} from '../../metrics/metric.js'

function gauge(
  unit: MetricDefinition['unit'],
  meaning: string,
  more: Partial<MetricDefinition> = {},
): MetricDefinition {
  return {type: 'gauge', unit, known: 'end', judged: 'run', meaning, ...more}
}

const SLOWDOWN = {tags: ['table'] as readonly string[], beyondAll: true}
const QUERY = {tags: ['query'] as readonly string[]}

export const dbExplainMetrics = {
  query_time_before: time('what a query took without the advised indexes', {...QUERY, judged: 'run', known: 'end'}),
  query_time_after: time('what a query took with them', {...QUERY, judged: 'run', known: 'end'}),
  query_speedup: gauge(
    'share',
    '1 − after/before of a slow query: the median of its pairs, with a 95 % interval',
    QUERY,
  ),
  workload_speedup: gauge('share', '1 − after/before of all queries together, each by how often it is called'),
  slow_queries: count('queries that take longer than --slow', {exposedTo: 'queries', known: 'end'}),
  missing_indexes: count('indexes that are advised and not there', {exposedTo: 'queries', known: 'end'}),
  plans_using_index: count('slow queries whose plan uses an advised index', {exposedTo: 'slow queries', known: 'end'}),
  unindexable_queries: count('slow queries that no index helps', {exposedTo: 'slow queries', known: 'end'}),
  results_changed: count('queries that gave another answer with the advised indexes', {
    exposedTo: 'queries',
    known: 'end',
    ...QUERY,
  }),
  regressed_queries: count('queries that the advised indexes made slower', {
    exposedTo: 'queries',
    known: 'end',
    ...QUERY,
  }),
  // Of this run's own executions, all of which were counted: nothing is estimated.
  query_error_rate: gauge('share', 'executions that failed, or that took too long where the query once did not'),
  insert_slowdown: gauge('share', 'by how much inserts got slower; the worst table', SLOWDOWN),
  update_slowdown: gauge('share', 'by how much updates got slower; the worst table', SLOWDOWN),
  hot_updates_lost: gauge('share', 'updates that were heap-only before and are not any more', {tags: ['table']}),
  index_build_time: gauge('ms', 'what building an advised index took', {tags: ['index']}),
  index_size: gauge('bytes', 'size of an advised index', {tags: ['index']}),
  ...checkMetrics,
  ...generatorMetrics,
} as const satisfies MetricCatalogue

export type MetricName = keyof typeof dbExplainMetrics
