/** Refuses, before any load, a threshold that could not be judged; and lets given thresholds replace default ones. */
import {UsageError} from '../base/errors.js'
import {didYouMean} from '../base/nearest.js'
import type {MetricCatalogue, MetricDefinition} from '../metrics/metric.js'
import {readBound} from './bound.js'
import {parseThreshold} from './threshold-parser.js'
import {formatThreshold, leftSideOf, percentileOf, unitOf, type Threshold} from './threshold.js'

/** What may be asked of each type of metric; `bare` is the metric without an aggregate. */
const ASKABLE: Readonly<Record<MetricDefinition['type'], readonly string[]>> = {
  distribution: ['p50', 'p90', 'p99', 'p99.9', 'max', 'min', 'mean', 'count'],
  counter: ['bare', 'rate'],
  gauge: ['bare', 'max', 'min', 'mean'],
  share: ['bare'],
}

/** Throws a UsageError naming the nearest right one when the metric, aggregate, tag, unit or phase does not exist or fit. */
export function checkThreshold(threshold: Threshold, catalogue: MetricCatalogue, phases: readonly string[]): void {
  const {metric, phase} = threshold
  const definition = Object.hasOwn(catalogue, metric) ? catalogue[metric] : undefined
  if (definition === undefined) {
    throw refusal(threshold, `there is no metric '${metric}', ${didYouMean(metric, Object.keys(catalogue))}`)
  }
  checkAggregate(threshold, definition)
  checkTags(threshold, definition)
  checkBound(threshold, definition)
  if (phase !== undefined && !phases.includes(phase)) {
    throw refusal(threshold, `the plan has no phase '${phase}', ${didYouMean(phase, new Set(phases))}`)
  }
}

/**
 * The thresholds of a run. A given one replaces the default with the same left side and phase, and takes its place; the
 * other given ones follow. Throws a UsageError on bad grammar.
 */
export function mergeThresholds(defaults: readonly string[], given: readonly string[]): Threshold[] {
  const groups = new Map<string, Threshold[]>()
  for (const threshold of defaults.map(parseThreshold)) addTo(groups, threshold)
  const replacing = new Map<string, Threshold[]>()
  for (const threshold of given.map(parseThreshold)) addTo(replacing, threshold)
  for (const [left, thresholds] of replacing) groups.set(left, thresholds)
  return [...groups.values()].flat()
}

function addTo(groups: Map<string, Threshold[]>, threshold: Threshold): void {
  const left = leftSideOf(threshold)
  groups.set(left, [...(groups.get(left) ?? []), threshold])
}

function checkAggregate(threshold: Threshold, {type}: MetricDefinition): void {
  const {aggregate, metric} = threshold
  const askable = ASKABLE[type]
  if (type === 'distribution' && percentileOf(aggregate) !== undefined) return
  if (askable.includes(aggregate ?? 'bare')) return
  if (aggregate === undefined) {
    throw refusal(threshold, `'${metric}' is a ${type}: say what of it, such as p99(${metric}) or max(${metric})`)
  }
  const forms = askable.map((word) => (word === 'bare' ? metric : `${word}(${metric})`))
  throw refusal(threshold, `'${metric}' is a ${type} and has no ${aggregate}: write ${forms.join(' or ')}`)
}

function checkTags(threshold: Threshold, {tags = []}: MetricDefinition): void {
  const unknown = Object.keys(threshold.tags).find((name) => !tags.includes(name))
  if (unknown === undefined) return
  const known = tags.length === 0 ? 'it has no tags' : didYouMean(unknown, tags)
  throw refusal(threshold, `'${threshold.metric}' has no tag '${unknown}', ${known}`)
}

function checkBound(threshold: Threshold, definition: MetricDefinition): void {
  try {
    readBound(threshold.bound, unitOf(threshold, definition), {beyondAll: definition.beyondAll ?? false})
  } catch (cause) {
    if (!(cause instanceof UsageError)) throw cause
    throw refusal(threshold, cause.message, cause)
  }
}

function refusal(threshold: Threshold, why: string, cause?: UsageError): UsageError {
  return new UsageError(`threshold '${formatThreshold(threshold)}': ${why}`, cause === undefined ? {} : {cause})
}
