/** Judges thresholds on what a drill measured, row by row. */
import type {Metric, Phase, Unit} from '../metrics/metric.js'
import {likelyUnit, readBound} from './bound.js'
import {compare, marginOf, type Judgement, type Promised} from './compare.js'
import type {Checked, Doubt, Finding} from './finding.js'
import {observe, type Observation} from './observe.js'
import {stretchOf, type Stretch} from './stretch.js'
import {eachOf} from './tag-match.js'
import {formatThreshold, unitOf, type Threshold} from './threshold.js'

/**
 * One finding a threshold, and one a value for `{tag=*}`, in the order given. The thresholds were checked against the
 * drill's catalogue before the run; an unreadable bound throws a UsageError.
 */
export function judge(thresholds: readonly Threshold[], checked: Checked, phases: readonly Phase[]): Finding[] {
  return thresholds.flatMap((threshold) => judgeOne(threshold, checked, phases))
}

function judgeOne(threshold: Threshold, {metrics, doubts}: Checked, phases: readonly Phase[]): Finding[] {
  const metric = Object.hasOwn(metrics, threshold.metric) ? metrics[threshold.metric] : undefined
  if (metric === undefined) return [unmeasured(threshold, doubts)]
  const promised = promisedBy(threshold, unitOf(threshold, metric.definition))
  const stretch = stretchOf(threshold, metric, phases)
  if (stretch === undefined) {
    const nothing = `the run had no phase '${threshold.phase ?? ''}'`
    return [findingOf({threshold, promised, metric, observation: {value: undefined, nothing}}, doubts)]
  }
  return rowsOf(threshold, metric, stretch).map((row) => {
    const observation = observe(row, metric, stretch, promised.bound)
    return findingOf({threshold: row, promised, metric, observation}, doubts)
  })
}

function rowsOf(threshold: Threshold, metric: Metric, stretch: Stretch): Threshold[] {
  const missing = metric.type === 'gauge' ? (metric.missing ?? []) : []
  return eachOf(
    threshold,
    [...metric.slices, ...missing].filter(({phase}) => stretch.covers(phase)),
  )
}

interface Row {
  readonly threshold: Threshold
  readonly promised: Promised
  readonly metric: Metric | undefined
  readonly observation: Observation
}

function findingOf(row: Row, doubts: readonly Doubt[]): Finding {
  const {threshold, promised, metric, observation} = row
  const {value, samples, exposure, limits} = observation
  return {
    threshold: formatThreshold({...threshold, warn: false}),
    metric: threshold.metric,
    tags: threshold.tags,
    phase: threshold.phase,
    observed: value,
    unit: promised.unit,
    bound: promised.bound,
    samples,
    exposure,
    exposedTo: exposure === undefined ? undefined : metric?.definition.exposedTo,
    interval: limits?.interval,
    margin: value === undefined ? undefined : marginOf(promised, value),
    ...(doubted(threshold.metric, metric, doubts) ?? excused(threshold.metric, compare(promised, observation), doubts)),
    warn: threshold.warn,
  }
}

/** What our own side may have spoilt is inconclusive, whatever it shows. */
function doubted(name: string, metric: Metric | undefined, doubts: readonly Doubt[]): Judgement | undefined {
  const reasons = doubts.filter(({spoils}) => {
    if (spoils === 'all') return true
    if (spoils === 'latency') return metric?.type === 'distribution' && metric.definition.unit === 'ms'
    return spoils.includes(name)
  })
  if (reasons.length === 0) return undefined
  return {
    verdict: 'inconclusive',
    why: inDoubt(reasons),
  }
}

/** What is broken may be our own doing. */
function excused(name: string, judgement: Judgement, doubts: readonly Doubt[]): Judgement {
  const reasons = doubts.filter(({worsens = []}) => worsens.includes(name))
  if (judgement.verdict !== 'fail' || reasons.length === 0) return judgement
  return {verdict: 'inconclusive', why: `${judgement.why ?? ''}, but ${inDoubt(reasons)}`}
}

function inDoubt(reasons: readonly Doubt[]): string {
  return `in doubt: ${reasons.map((doubt) => `${doubt.why} (${doubt.name})`).join('; ')}`
}

/** The drill did not bring the metric home, so its unit is taken from how the bound is written. */
function unmeasured(threshold: Threshold, doubts: readonly Doubt[]): Finding {
  const promised = promisedBy(threshold, likelyUnit(threshold.bound))
  const observation = {value: undefined, nothing: 'it was not measured'}
  return findingOf({threshold, promised, metric: undefined, observation}, doubts)
}

function promisedBy({operator, bound}: Threshold, unit: Unit): Promised {
  return {operator, bound: readBound(bound, unit), unit}
}
