/** Turns a metric's slices into the figures of the report: over the whole run, for each phase, and for each tag. */
import {Histogram} from '../metrics/histogram.js'
import type {
  CounterSlice,
  DistributionSlice,
  GaugeSlice,
  Metric,
  MetricSet,
  ShareSlice,
  Tags,
} from '../metrics/metric.js'
import type {ReportMetric} from './schema.js'

export function summariseMetrics(metrics: MetricSet): Record<string, ReportMetric> {
  return Object.fromEntries(Object.entries(metrics).map(([name, metric]) => [name, summarise(metric)]))
}

function summarise(metric: Metric): ReportMetric {
  const {unit, meaning, exposedTo} = metric.definition
  const head = {unit, meaning}
  switch (metric.type) {
    case 'distribution':
      return {type: 'distribution', ...head, ...distribution(metric.slices), ...cuts(metric.slices, distribution)}
    case 'counter': {
      const noun = exposedTo === undefined ? {} : {exposedTo}
      return {type: 'counter', ...head, ...noun, ...counter(metric.slices), ...cuts(metric.slices, counter)}
    }
    case 'gauge':
      return {type: 'gauge', ...head, ...gauge(metric.slices), ...cuts(metric.slices, gauge)}
    case 'share':
      return {type: 'share', ...head, ...share(metric.slices), ...cuts(metric.slices, share)}
  }
}

interface Sliced {
  readonly phase: string
  readonly tags: Tags
}

interface Cuts<Figures> {
  readonly byPhase: Readonly<Record<string, Figures>>
  readonly byTag: Readonly<Record<string, Figures>>
}

/** A value that belongs to no phase is in no cut by phase. */
function cuts<Slice extends Sliced, Figures>(
  slices: readonly Slice[],
  figures: (part: readonly Slice[]) => Figures,
): Cuts<Figures> {
  const byPhase = group(slices, (slice) => (slice.phase === '' ? [] : [slice.phase]))
  const byTag = group(slices, (slice) => Object.entries(slice.tags).map(([tag, value]) => `${tag}=${value}`))
  const each = (groups: Map<string, Slice[]>) =>
    Object.fromEntries([...groups].map(([key, part]) => [key, figures(part)]))
  return {byPhase: each(byPhase), byTag: each(byTag)}
}

function group<Slice>(slices: readonly Slice[], keysOf: (slice: Slice) => readonly string[]): Map<string, Slice[]> {
  const groups = new Map<string, Slice[]>()
  for (const slice of slices) {
    for (const key of keysOf(slice)) {
      const members = groups.get(key)
      if (members === undefined) groups.set(key, [slice])
      else members.push(slice)
    }
  }
  return groups
}

function distribution(slices: readonly DistributionSlice[]) {
  const all = new Histogram()
  for (const slice of slices) all.merge(slice.histogram)
  return {
    count: all.count,
    independent: sum(slices, (slice) => slice.independent),
    min: all.min ?? null,
    mean: all.mean ?? null,
    p50: all.percentile(50) ?? null,
    p90: all.percentile(90) ?? null,
    p95: all.percentile(95) ?? null,
    p99: all.percentile(99) ?? null,
    p999: all.percentile(99.9) ?? null,
    max: all.max ?? null,
  }
}

function counter(slices: readonly CounterSlice[]) {
  const value = sum(slices, (slice) => slice.value)
  const exposed = slices.filter((slice) => slice.exposure !== undefined)
  return exposed.length === 0 ? {value} : {value, exposure: sum(exposed, (slice) => slice.exposure ?? 0)}
}

/** Gauges of several places do not add up: the largest stands for all. */
function gauge(slices: readonly GaugeSlice[]) {
  return {value: slices.reduce((largest, slice) => Math.max(largest, slice.value), slices[0]?.value ?? 0)}
}

function share(slices: readonly ShareSlice[]) {
  const hits = sum(slices, (slice) => slice.hits)
  const trials = sum(slices, (slice) => slice.trials)
  return {value: trials === 0 ? null : hits / trials, hits, trials}
}

function sum<Slice>(slices: readonly Slice[], of: (slice: Slice) => number): number {
  return slices.reduce((total, slice) => total + of(slice), 0)
}
