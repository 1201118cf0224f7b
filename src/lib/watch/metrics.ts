/** Watched resources as metrics: a catalogue takes them with `...watchMetrics`, a check with `...watchMeasurements(facts, phases)`. */
import type {
  GaugeSlice,
  Metric,
  MetricCatalogue,
  MetricDefinition,
  MetricSet,
  MissingValue,
  Phase,
} from '../metrics/metric.js'
import type {Series} from '../metrics/series.js'
import type {ResourceSeries} from '../verdict/moved-with.js'
import type {Seconds, WatchedSystem, WatchFacts} from './facts.js'
import {RESOURCES, userNameOf, type Resource} from './resource.js'
import {figuresOf, hasSeconds} from './seconds.js'
import {promisedBy} from './thresholds.js'

/** Beyond this many seconds of one phase their figures are brought down to as many means, beside the extremes. */
const MOST_SLICES = 1000

const NAMED = 'watched_metric'

const common = {type: 'gauge', known: 'end'} as const

/** `watched_cpu`, `watched_memory`, …: one for each resource, and one for what the user named. */
export const watchMetrics: MetricCatalogue = {
  ...Object.fromEntries(
    Object.entries(RESOURCES).map(([name, {unit, meaning}]): [string, MetricDefinition] => [
      `watched_${name}`,
      {...common, unit, meaning: `of a watched system: ${meaning}`, tags: ['of']},
    ]),
  ),
  [NAMED]: {
    ...common,
    unit: 'count',
    meaning:
      'what was named with metrics= on a Prometheus page: gauges as they are, counters by their growth per second',
    tags: ['metric', 'of'],
  },
}

/** One value a second, system and resource; nothing for a run that watches nothing, and no metric of which there is no value. */
export function watchMeasurements({systems}: WatchFacts, phases: readonly Phase[]): MetricSet {
  const slices = new Map<string, GaugeSlice[]>()
  for (const system of systems) {
    for (const [resource, {values}] of Object.entries(system.resources)) {
      const metric = metricNameOf(resource)
      const known = slices.get(metric) ?? []
      slices.set(metric, known)
      known.push(...slicesOf(values, phases, tagsOf(system, resource)))
    }
  }
  const missing = missingOf(systems, phases)
  const names = Object.keys(watchMetrics).filter((name) => (slices.get(name) ?? []).length > 0 || missing.has(name))
  return Object.fromEntries(names.map((name) => [name, metricOf(name, slices.get(name), missing.get(name))]))
}

function metricOf(name: string, slices: readonly GaugeSlice[] = [], missing: readonly MissingValue[] = []): Metric {
  const definition = watchMetrics[name]
  if (definition === undefined) throw new Error(`there is no metric ${name}`)
  return {type: 'gauge', definition, slices, ...(missing.length === 0 ? {} : {missing})}
}

/** `node-1.cpu`, one column each, for the report's `series`. */
export function watchSeries({systems}: WatchFacts): Series {
  return Object.fromEntries(
    resourceSeries({systems}).map(({of, resource, values}) => [
      `watched.${of}.${resource}`,
      {type: 'gauge', value: values},
    ]),
  )
}

/** For `movedWith`, next to the latency of each second. */
export function resourceSeries({systems}: WatchFacts): ResourceSeries[] {
  return systems.flatMap(({name: of, resources}) =>
    Object.entries(resources).map(([resource, {unit, values}]) => ({
      of,
      resource: userNameOf(resource) ?? resource,
      unit,
      values,
    })),
  )
}

function metricNameOf(resource: string): string {
  return userNameOf(resource) === undefined ? `watched_${resource}` : NAMED
}

function tagsOf({name}: WatchedSystem, resource: string): Readonly<Record<string, string>> {
  const metric = userNameOf(resource)
  return metric === undefined ? {of: name} : {metric, of: name}
}

function slicesOf(values: Seconds, phases: readonly Phase[], tags: Readonly<Record<string, string>>): GaugeSlice[] {
  return phases.flatMap((phase) => {
    return thinned(figuresOf(phase, values)).map((value) => ({phase: phase.name, tags, value}))
  })
}

/** Keeps the extremes as they are, and the mean but for what the extremes weigh among a thousand. */
function thinned(values: readonly number[]): readonly number[] {
  if (values.length <= MOST_SLICES) return values
  const blocks = Array.from({length: MOST_SLICES}, (_, block) => {
    const start = Math.floor((block * values.length) / MOST_SLICES)
    const part = values.slice(start, Math.floor(((block + 1) * values.length) / MOST_SLICES))
    return part.reduce((sum, value) => sum + value, 0) / part.length
  })
  const least = values.reduce((low, value) => Math.min(low, value), Infinity)
  const most = values.reduce((high, value) => Math.max(high, value), -Infinity)
  return [...blocks, least, most]
}

/** What a default threshold asks of a system that never told it in a phase: why there is no figure. */
function missingOf(
  systems: readonly WatchedSystem[],
  phases: readonly Phase[],
): ReadonlyMap<string, readonly MissingValue[]> {
  const missing = new Map<string, MissingValue[]>()
  for (const system of systems) {
    for (const resource of promisedBy(system.kind)) {
      const values = system.resources[resource]?.values ?? []
      const empty = phases.filter((phase) => hasSeconds(phase) && figuresOf(phase, values).length === 0)
      const name = metricNameOf(resource)
      const why = whyMissing(system, resource)
      const found = empty.map((phase) => ({phase: phase.name, tags: {of: system.name}, why}))
      if (found.length > 0) missing.set(name, [...(missing.get(name) ?? []), ...found])
    }
  }
  return missing
}

function whyMissing({name, failures, place}: WatchedSystem, resource: Resource): string {
  const failed = failures.at(-1)
  if (failed !== undefined) return `${name} told no ${resource}: ${failed.why}`
  return `${place} does not tell its ${resource}`
}
