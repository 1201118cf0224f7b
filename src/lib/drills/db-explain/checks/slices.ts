/** Short ways to make the metrics of a check; none of their slices belongs to a phase. */
import {Histogram} from '../../../metrics/histogram.js'
import type {GaugeSlice, Metric, MetricSet, MissingValue, Tags} from '../../../metrics/metric.js'
import {checkMetrics, type CheckMetric} from './metrics.js'

export interface Tagged<Value> {
  readonly tags?: Tags
  readonly value: Value
}

const placed = (tags: Tags | undefined) => ({phase: '', tags: tags ?? {}})

interface Gauged extends Tagged<number> {
  readonly interval?: GaugeSlice['interval'] | undefined
}

interface Untaken {
  readonly tags?: Tags
  readonly why: string
}

export function gauges(name: CheckMetric, taken: readonly Gauged[], untaken: readonly Untaken[] = []): MetricSet {
  const slices: GaugeSlice[] = taken.map(({tags, value, interval}) => ({
    ...placed(tags),
    value,
    ...(interval && {interval}),
  }))
  const missing: MissingValue[] = untaken.map(({tags, why}) => ({...placed(tags), why}))
  return only(name, {type: 'gauge', definition: checkMetrics[name], slices, ...(missing.length > 0 && {missing})})
}

/** `value` is how many of `exposure` had it; where they are told apart by tags, the exposure stands once, without any. */
export function counted(name: CheckMetric, values: readonly Tagged<number>[], exposure: number): MetricSet {
  const slices = [{...placed({}), value: 0, exposure}, ...values.map(({tags, value}) => ({...placed(tags), value}))]
  return only(name, {type: 'counter', definition: checkMetrics[name], slices})
}

export function shares(
  name: CheckMetric,
  values: readonly Tagged<{readonly hits: number; readonly trials: number}>[],
): MetricSet {
  const slices = values.map(({tags, value}) => ({...placed(tags), hits: value.hits, trials: value.trials}))
  return only(name, {type: 'share', definition: checkMetrics[name], slices})
}

/** Of encoded histograms. */
export function distributions(name: CheckMetric, values: readonly Tagged<string>[]): MetricSet {
  const slices = values.map(({tags, value}) => {
    const histogram = Histogram.decode(value)
    return {...placed(tags), histogram, independent: histogram.count}
  })
  return only(name, {type: 'distribution', definition: checkMetrics[name], slices})
}

function only(name: CheckMetric, metric: Metric): MetricSet {
  return {[name]: metric}
}
