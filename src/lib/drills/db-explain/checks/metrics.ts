/** Everything that the checks beside the index advice can report. */
import {count, time} from '../../../metrics/define.js'
import type {MetricCatalogue, MetricDefinition} from '../../../metrics/metric.js'

type More = Partial<MetricDefinition>

function gauge(unit: MetricDefinition['unit'], meaning: string, more: More = {}): MetricDefinition {
  return {type: 'gauge', unit, judged: 'run', known: 'end', meaning, ...more}
}

function share(meaning: string, more: More = {}): MetricDefinition {
  return {type: 'share', unit: 'share', judged: 'run', known: 'end', meaning, ...more}
}

function found(meaning: string, exposedTo: string, more: More = {}): MetricDefinition {
  return count(meaning, {known: 'end', exposedTo, ...more})
}

function duration(meaning: string, more: More = {}): MetricDefinition {
  return time(meaning, {judged: 'run', known: 'end', ...more})
}

export const checkMetrics = {
  cache_hit_ratio: share('blocks that were found in shared_buffers, of all that the workload asked for', {
    tags: ['table', 'index'],
  }),
  keyset_speedup: gauge('share', 'time that a keyset page saves against the same page by OFFSET: 1 − keyset/offset', {
    tags: ['depth'],
  }),
  redis_hit_ratio: share('reads that the cache answered, from an empty cache on'),
  redis_set_lookup: duration('from when it was asked whether a member is in a set of Redis until the answer'),
  stale_reads: found('reads that began after a write was through and did not see it', 'reads under writes'),
  stampede_reads: gauge('count', 'readers of one cold key, all at once, that went on to the database', {
    tags: ['policy'],
  }),
  n_plus_one: found('statements that were called once for each row of another one', 'statements'),
  batching_speedup: gauge('share', 'time that one statement for all keys saves: 1 − one statement/single lookups', {
    tags: ['table'],
  }),
  pool_throughput: gauge('perSecond', 'queries a second with so many connections, all of them busy', {tags: ['size']}),
  pool_latency: duration('time of a query with so many connections, all of them busy', {tags: ['size']}),
  pool_knee: gauge('count', 'connections of the pool whose p95 is the lowest among those within 5 % of the most'),
  pool_used: gauge(
    'share',
    'connections of a pool of that size and of everybody else, of those that the server allows',
  ),
  unused_indexes: found('indexes that no query has used', 'indexes', {tags: ['table']}),
  redundant_indexes: found('indexes that another one makes needless', 'indexes', {tags: ['table']}),
  index_bytes_saved: gauge('bytes', 'what dropping the unused and the redundant indexes would free'),
  insert_latency: duration('from when an insert was due until the server had answered', {tags: ['table']}),
  insert_errors: found('inserts that failed', 'inserts', {tags: ['table', 'reason']}),
  tables_need_vacuum: found('tables with more dead or new rows than autovacuum lets stand', 'tables', {
    tags: ['table'],
  }),
  tables_need_analyze: found('tables without statistics, or changed more than autovacuum lets stand', 'tables', {
    tags: ['table'],
  }),
  tables_near_wraparound: found('tables older than the age at which they are frozen whatever it costs', 'tables', {
    tags: ['table'],
  }),
  table_bloat: gauge('share', 'pages of a table that its rows would not need, as estimated from its statistics', {
    tags: ['table'],
  }),
  misleading_estimates: found('plan nodes whose rows were estimated wrong tenfold or worse', 'plan nodes', {
    tags: ['table'],
  }),
} satisfies MetricCatalogue

export type CheckMetric = keyof typeof checkMetrics
