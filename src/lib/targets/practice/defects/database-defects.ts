/** Defects of the practice database, which only db-explain looks at. */
import type {DefectDefinition} from './definition.js'

export const DATABASE_DEFECTS = {
  'small-cache': {
    value: 'size',
    usual: '1MiB',
    smallestDetectable: 'a cache of less than a tenth of what the workload reads',
    finding: 'cache_hit_ratio',
    meaning: 'Gives Postgres no more shared_buffers than that.',
    drill: 'db-explain',
  },
  'slow-inserts': {
    value: 'duration',
    usual: '60ms',
    smallestDetectable: 'a time above the threshold of p95(insert_latency)',
    finding: 'insert_latency',
    meaning: 'Every table has a trigger that takes so long for each inserted row.',
    drill: 'db-explain',
  },
  'unstable-order': {
    value: 'count',
    usual: '1000',
    smallestDetectable: 'one call an hour: what is asked once is compared as well',
    finding: 'results_changed',
    meaning:
      'A query, called so often an hour, cuts rows whose order it does not fix: another plan gives another answer.',
    drill: 'db-explain',
  },
  'trap-statistics': {
    value: 'count',
    usual: '1000',
    smallestDetectable: 'one call an hour: what is asked once is compared as well',
    finding: 'regressed_queries',
    meaning:
      'A query, called so often an hour, wants an index which misleads the planner in another one, whose condition never holds though the statistics say it mostly does.',
    drill: 'db-explain',
  },
  'failing-query': {
    value: 'count',
    usual: '1000',
    smallestDetectable: 'one query of a hundred, as query_error_rate is held to 1 %',
    finding: 'query_error_rate',
    meaning: 'A query, called so often an hour, divides by zero in some rows.',
    drill: 'db-explain',
  },
  'no-gain': {
    value: 'count',
    usual: '50000',
    smallestDetectable: 'half of the time of the workload, as workload_speedup is held to 50 %',
    finding: 'workload_speedup',
    meaning: 'A slow query, called so often an hour, reads every row for its answer: no index helps it.',
    drill: 'db-explain',
  },
  'write-heavy': {
    value: 'count',
    usual: '1000',
    smallestDetectable: 'one call an hour of a query that makes an index worth its while',
    finding: 'insert_slowdown',
    meaning:
      'A query, called so often an hour, wants a trigram index over the long lines of a table that is written all the time.',
    drill: 'db-explain',
  },
  'redundant-indexes': {
    value: 'count',
    usual: '3',
    smallestDetectable: 'one index',
    finding: 'redundant_indexes',
    meaning: 'So many indexes do what another index does already.',
    drill: 'db-explain',
  },
  'needs-vacuum': {
    value: 'share',
    usual: '40%',
    smallestDetectable: 'a share of 21 %: autovacuum steps in at 20 % and 50 rows',
    finding: 'tables_need_vacuum',
    meaning: 'This share of the messages was updated since anybody vacuumed.',
    drill: 'db-explain',
  },
  'n-plus-one': {
    value: 'count',
    usual: '50',
    smallestDetectable: 'a list of ten rows',
    finding: 'n_plus_one',
    meaning: 'The backend asks for each of so many rows of a list on its own.',
    drill: 'db-explain',
  },
  'stale-cache': {
    value: 'share',
    usual: '100%',
    smallestDetectable:
      'one write of a key that is read again: a share of 3/N of N such writes is caught in 95 of 100 runs',
    finding: 'stale_reads',
    meaning: 'Redis keeps this share of the keys that it is told to delete.',
    drill: 'db-explain',
  },
} as const satisfies Record<string, DefectDefinition>
