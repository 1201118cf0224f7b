/** A promise about one metric, as typed data, and its one canonical text. */
import type {MetricDefinition, Tags, Unit} from '../metrics/metric.js'

/** A percentile is written as `p` and a number between 0 and 100: `p99.9`. */
export type Aggregate = `p${number}` | NamedAggregate
type NamedAggregate = (typeof NAMED_AGGREGATES)[number]
export type Operator = (typeof OPERATORS)[number]

export const NAMED_AGGREGATES = ['max', 'min', 'mean', 'rate', 'count'] as const
export const OPERATORS = ['<', '<=', '>', '>=', '==', '!='] as const

/** As a tag's value: one row for each value that occurred. */
export const EACH = '*'

export interface Threshold {
  /** Undefined for a bare counter, gauge or share. */
  readonly aggregate: Aggregate | undefined
  readonly metric: string
  /** Sorted by name. */
  readonly tags: Tags
  readonly operator: Operator
  /** As it was written, without spaces. What `5m` means (minutes, millions) depends on the metric: see `readBound`. */
  readonly bound: string
  /** Undefined: the phases that are judged by default. */
  readonly phase: string | undefined
  /** A warning never breaks the run. */
  readonly warn: boolean
}

/** The one text of a threshold; parsing it yields the same threshold. */
export function formatThreshold(threshold: Threshold): string {
  const {warn, operator, bound, phase} = threshold
  return `${warn ? 'warn: ' : ''}${observedOf(threshold)} ${operator} ${bound}${phase === undefined ? '' : ` during ${phase}`}`
}

/** What two thresholds have in common when one replaces the other: what is observed, and in which phase. */
export function leftSideOf(threshold: Threshold): string {
  return `${observedOf(threshold)} during ${threshold.phase ?? ''}`
}

/** The number of a percentile, 0 to 100, or undefined for another aggregate. */
export function percentileOf(aggregate: Aggregate | undefined): number | undefined {
  return aggregate !== undefined && /^p\d/.test(aggregate) ? Number(aggregate.slice(1)) : undefined
}

/** The unit in which a threshold's bound and observation are given. */
export function unitOf(threshold: Threshold, definition: MetricDefinition): Unit {
  if (threshold.aggregate === 'rate') return 'perSecond'
  return threshold.aggregate === 'count' ? 'count' : definition.unit
}

function observedOf({aggregate, metric, tags}: Threshold): string {
  const pairs = Object.entries(tags).map(([name, value]) => `${name}=${quoted(value)}`)
  const selected = pairs.length === 0 ? metric : `${metric}{${pairs.join(',')}}`
  return aggregate === undefined ? selected : `${aggregate}(${selected})`
}

function quoted(value: string): string {
  return /^[^\s,{}"](?:[^,{}"\n]*[^\s,{}"])?$/.test(value) ? value : JSON.stringify(value)
}
