/** Judges nothing yet: turns what a run brought home into metrics with their exposure, and into doubts. */
import {Histogram} from '../../metrics/histogram.js'
import type {CounterSlice, GaugeSlice, Metric, MetricSet} from '../../metrics/metric.js'
import type {Checked} from '../../verdict/finding.js'
import {holm} from '../../verdict/holm.js'
import {nameOf} from './advice/ddl.js'
import {doubtsOf} from './doubts.js'
import type {DbExplainFacts} from './facts.js'
import {advised, unindexable} from './findings.js'
import {dbExplainMetrics, type MetricName} from './metrics.js'
import type {DbExplainPlan} from './plan.js'
import {querySpeedup, workloadSpeedup} from './speedups.js'
import type {Measured} from './trial/measured.js'

/** Slower by more than this, for certain, is a regression. */
const MUCH_SLOWER = 1.05
const CHANCE = 0.05

export function check(plan: DbExplainPlan, facts: DbExplainFacts): Checked {
  const metrics: MetricSet = {
    ...ofLooks(facts),
    ...ofAdvice(facts),
    ...(facts.proof && ofProof(plan, facts)),
    ...(Object.assign({}, ...facts.checked.map((one) => one.metrics)) as MetricSet),
  }
  return {metrics, doubts: doubtsOf(facts)}
}

function ofLooks(facts: DbExplainFacts): MetricSet {
  const {looks} = facts
  return {
    query_time_before: times(
      'query_time_before',
      looks.map(({query, times: all}) => [query.name, all]),
    ),
    slow_queries: counter('slow_queries', looks.filter(({slow}) => slow).length, looks.length),
    query_error_rate: errorRate(facts),
  }
}

function errorRate(facts: DbExplainFacts): Metric {
  const {hits, trials} = errorsOf(facts)
  return gauge('query_error_rate', trials === 0 ? [] : [{phase: '', tags: {}, value: hits / trials}])
}

/**
 * A query that the server would not run at all counts as many failed runs as the others had on average, so that it is not outnumbered. One that
 * was given up did not fail: it is slow, which is judged by itself.
 */
function errorsOf({looks, refused, proof}: DbExplainFacts): {hits: number; trials: number} {
  const runs = sum(looks.map((look) => look.times.length)) + sum(proof?.measured.map((one) => one.runs) ?? [])
  const failed = Math.max(1, Math.ceil(runs / Math.max(1, looks.length))) * refused.length
  const givenUp = new Set(looks.flatMap(({query}) => (query.givenUpMs === undefined ? [] : query.name)))
  const failures = proof?.measured.map((one) => failuresOf(one) - (givenUp.has(one.query) ? timeoutsOf(one) : 0)) ?? []
  return {hits: failed + sum(failures), trials: failed + runs}
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

function failuresOf({failures}: Measured): number {
  return sum(Object.values(failures))
}

function timeoutsOf({timeouts}: Measured): number {
  return timeouts.before + timeouts.after
}

function ofAdvice(facts: DbExplainFacts): MetricSet {
  const slow = facts.looks.filter((look) => look.slow).length
  return {
    missing_indexes: counter('missing_indexes', advised(facts).length, facts.looks.length),
    unindexable_queries: counter('unindexable_queries', unindexable(facts).length, slow),
  }
}

function ofProof({seed}: DbExplainPlan, facts: DbExplainFacts): MetricSet {
  const {looks, proof} = facts
  if (proof === undefined || proof.measured.length === 0) return {}
  const {measured} = proof
  const byName = new Map(measured.map((one) => [one.query, one]))
  const slow = looks.filter((look) => look.slow)
  const using = slow.filter(({query}) => (byName.get(query.name)?.uses.length ?? 0) > 0)
  return {
    ...timesOf(measured),
    query_speedup: querySpeedup(facts, byName),
    workload_speedup: workloadSpeedup(facts, byName, seed),
    plans_using_index: counter('plans_using_index', using.length, slow.length),
    results_changed: changed(measured),
    regressed_queries: regressed(measured),
    ...costs(facts),
  }
}

function timesOf(measured: readonly Measured[]): MetricSet {
  const side = (of: 'before' | 'after') =>
    measured.map(({query, bindings}): [string, number[]] => [query, bindings.flatMap((binding) => [...binding[of]])])
  return {
    query_time_before: times('query_time_before', side('before')),
    query_time_after: times('query_time_after', side('after')),
  }
}

/** An answer that is open was another one, too, when only the planner's mood had changed: the query does not say which rows it wants. */
function changed(measured: readonly Measured[]): Metric {
  const compared = measured.filter(({answers}) => answers !== 'unknown')
  const found = compared.filter(({answers}) => answers === 'changed' || answers === 'open')
  return perQuery('results_changed', found, compared.length)
}

/** Of those that were planned alike nothing can have changed; the others are judged together, so that one in twenty is not red by chance. */
function regressed(measured: readonly Measured[]): Metric {
  const known = measured.filter(isComparable)
  const able = known.filter(({samePlan}) => !samePlan)
  const chances = holm(able.map(({chance}) => chance))
  const slower = able.filter(({ratio}, place) => (ratio?.lower ?? 0) > MUCH_SLOWER && (chances[place] ?? 1) < CHANCE)
  return perQuery('regressed_queries', slower, known.length)
}

/** What was given up without the indexes may have been slower still than what looks slower with them. */
function isComparable({ratio, timeouts}: Measured): boolean {
  return ratio !== undefined && (timeouts.before === 0 || ratio.ratio <= MUCH_SLOWER)
}

function perQuery(name: 'results_changed' | 'regressed_queries', found: readonly Measured[], tried: number): Metric {
  const slices: CounterSlice[] = found.map(({query}) => ({phase: '', tags: {query}, value: 1}))
  return {
    type: 'counter',
    definition: dbExplainMetrics[name],
    slices: [...slices, {phase: '', tags: {}, value: 0, exposure: tried}],
  }
}

function costs({proof}: DbExplainFacts): MetricSet {
  const {charges = [], choice} = proof ?? {}
  const chosen = choice?.chosen ?? []
  const slow = (of: 'insert' | 'update'): GaugeSlice[] =>
    charges.flatMap(({table, [of]: ratio}) => {
      if (ratio === undefined) return []
      const [low, high] = ratio.interval
      return [{phase: '', tags: {table}, value: ratio.ratio - 1, interval: [low - 1, high - 1]}]
    })
  const inserts = chosen.length === 0 ? [{phase: '', tags: {}, value: 0}] : slow('insert')
  const hot = charges.flatMap(({table, hot: shares}) =>
    shares === undefined ? [] : [{phase: '', tags: {table}, value: shares.before - shares.after}],
  )
  const missing = charges.flatMap(({table, insert, uncharged}) =>
    insert === undefined ? [{phase: '', tags: {table}, why: uncharged.join('; ')}] : [],
  )
  const ofIndex = (value: (built: (typeof chosen)[number]['built']) => number | undefined): GaugeSlice[] =>
    chosen.flatMap(({built}) => {
      const taken = value(built)
      return taken === undefined ? [] : [{phase: '', tags: {index: nameOf(built.design)}, value: taken}]
    })
  return {
    insert_slowdown: {type: 'gauge', definition: dbExplainMetrics.insert_slowdown, slices: inserts, missing},
    update_slowdown: gauge('update_slowdown', slow('update')),
    hot_updates_lost: gauge('hot_updates_lost', hot),
    index_build_time: gauge(
      'index_build_time',
      ofIndex(({buildMs}) => buildMs),
    ),
    index_size: gauge(
      'index_size',
      ofIndex(({bytes}) => bytes),
    ),
  }
}

function times(
  name: 'query_time_before' | 'query_time_after',
  all: readonly (readonly [string, readonly number[]])[],
): Metric {
  const slices = all.map(([query, values]) => {
    const histogram = new Histogram()
    for (const value of values) histogram.record(value)
    return {phase: '', tags: {query}, histogram, independent: histogram.count}
  })
  return {type: 'distribution', definition: dbExplainMetrics[name], slices}
}

function counter(name: MetricName, value: number, exposure: number): Metric {
  return {type: 'counter', definition: dbExplainMetrics[name], slices: [{phase: '', tags: {}, value, exposure}]}
}

function gauge(name: MetricName, slices: readonly GaugeSlice[]): Metric {
  return {type: 'gauge', definition: dbExplainMetrics[name], slices}
}
