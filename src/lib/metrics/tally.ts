/** Measures in one worker: counters, distributions and gauges, cut by phase and tag, cheap enough for every message. */
import {binOf, type BinCounts} from './bins.js'
import {Histogram} from './histogram.js'
import type {Tags} from './metric.js'
import type {PulseEntry} from './pulse.js'
import type {Ms} from '../base/units.js'

/** Counts in the phase that is named; reads as `lost.add('steady', 3)`. */
export class CounterHandle {
  readonly #byPhase = new Map<string, number>()

  add(phase: string, by = 1): void {
    this.#byPhase.set(phase, (this.#byPhase.get(phase) ?? 0) + by)
  }

  /** Yields what was counted since the last call. */
  *take(): Iterable<[phase: string, value: number]> {
    yield* this.#byPhase
    this.#byPhase.clear()
  }
}

/** Records samples in the phase that is named; a phase costs one histogram. */
export class DistributionHandle {
  readonly #byPhase = new Map<string, Histogram>()
  #phase = ''
  #histogram: Histogram | undefined

  /** `value` in the metric's unit. */
  record(phase: string, value: number): void {
    if (phase !== this.#phase || this.#histogram === undefined) this.#enter(phase)
    this.#histogram?.record(value)
  }

  *take(): Iterable<[phase: string, encoded: string]> {
    for (const [phase, histogram] of this.#byPhase) {
      if (histogram.count === 0) continue
      yield [phase, histogram.encode()]
      histogram.reset()
    }
  }

  #enter(phase: string): void {
    this.#phase = phase
    this.#histogram = this.#byPhase.get(phase) ?? new Histogram()
    this.#byPhase.set(phase, this.#histogram)
  }
}

/** A value that stands until it is set again. */
export class GaugeHandle {
  #phase = ''
  #value: number | undefined

  set(phase: string, value: number): void {
    this.#phase = phase
    this.#value = value
  }

  *take(): Iterable<[phase: string, value: number]> {
    if (this.#value !== undefined) yield [this.#phase, this.#value]
  }
}

/** Counts moments by the 100 ms in which they lie. */
export class BinsHandle {
  readonly #counts = new Map<number, number>()

  /** `atMs` from the run's start. */
  add(atMs: Ms, by = 1): void {
    const bin = binOf(atMs)
    this.#counts.set(bin, (this.#counts.get(bin) ?? 0) + by)
  }

  take(): BinCounts {
    const counts = [...this.#counts]
    this.#counts.clear()
    return counts
  }
}

interface Kept<Handle> {
  readonly metric: string
  readonly tags: Tags
  readonly handle: Handle
}

/** All handles of one worker; asking twice for the same metric and tags yields the same handle. */
export class Tally {
  readonly #counters = new Map<string, Kept<CounterHandle>>()
  readonly #distributions = new Map<string, Kept<DistributionHandle>>()
  readonly #gauges = new Map<string, Kept<GaugeHandle>>()
  readonly #bins = new Map<string, Kept<BinsHandle>>()

  counter(metric: string, tags: Tags = {}): CounterHandle {
    return keep(this.#counters, {metric, tags}, () => new CounterHandle())
  }

  distribution(metric: string, tags: Tags = {}): DistributionHandle {
    return keep(this.#distributions, {metric, tags}, () => new DistributionHandle())
  }

  gauge(metric: string, tags: Tags = {}): GaugeHandle {
    return keep(this.#gauges, {metric, tags}, () => new GaugeHandle())
  }

  bins(metric: string): BinsHandle {
    return keep(this.#bins, {metric, tags: {}}, () => new BinsHandle())
  }

  /** What was measured since the last call; counters and distributions start again, gauges stand. */
  take(): PulseEntry[] {
    const entries: PulseEntry[] = []
    for (const {metric, tags, handle} of this.#counters.values()) {
      for (const [phase, value] of handle.take()) entries.push({type: 'counter', metric, tags, phase, value})
    }
    for (const {metric, tags, handle} of this.#distributions.values()) {
      for (const [phase, encoded] of handle.take()) entries.push({type: 'distribution', metric, tags, phase, encoded})
    }
    for (const {metric, tags, handle} of this.#gauges.values()) {
      for (const [phase, value] of handle.take()) entries.push({type: 'gauge', metric, tags, phase, value})
    }
    for (const {metric, handle} of this.#bins.values()) {
      const counts = handle.take()
      if (counts.length > 0) entries.push({type: 'bins', metric, counts})
    }
    return entries
  }
}

/** One key for a metric and its tags, whatever the order in which the tags are named. */
export function keyOf(metric: string, tags: Tags): string {
  const names = Object.keys(tags)
  return names.length === 0
    ? metric
    : `${metric}{${names
        .sort()
        .map((name) => `${name}=${tags[name] ?? ''}`)
        .join(',')}}`
}

function keep<Handle>(kept: Map<string, Kept<Handle>>, what: {metric: string; tags: Tags}, make: () => Handle): Handle {
  const key = keyOf(what.metric, what.tags)
  const known = kept.get(key)
  if (known) return known.handle
  const handle = make()
  kept.set(key, {...what, handle})
  return handle
}
