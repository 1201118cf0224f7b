/** What all workers measured, merged: totals by phase and tag, and one column of figures a second. */
import {Histogram} from './histogram.js'
import type {CounterSlice, DistributionSlice, GaugeSlice, Tags} from './metric.js'
import type {Pulse, PulseEntry} from './pulse.js'
import {SecondsBook} from './seconds-book.js'
import type {Series} from './series.js'
import {keyOf} from './tally.js'

interface Cell<Value> {
  readonly metric: string
  readonly tags: Tags
  readonly phase: string
  value: Value
}

/** Memory: one cell for each metric, tag set and phase, and a few numbers a second; never one for each sample. */
export class Measurements {
  readonly #counters = new Map<string, Cell<number>>()
  readonly #distributions = new Map<string, Cell<Histogram>>()
  /** Gauges of several workers stand side by side; of each worker and phase the newest counts. */
  readonly #gauges = new Map<string, Cell<number>>()
  readonly #seconds = new SecondsBook()

  /** Adds one worker's pulse. */
  merge(worker: number, pulse: Pulse): void {
    for (const entry of pulse.entries) this.#add(worker, entry, pulse.second)
  }

  /** The sum over all phases and tags, or over those named. */
  total(metric: string, where: {phase?: string; tags?: Tags} = {}): number {
    return sum(
      this.counterSlices(metric)
        .filter((slice) => within(slice, where))
        .map((slice) => slice.value),
    )
  }

  /** One merged distribution over all phases and tags, or over those named. */
  distribution(metric: string, where: {phase?: string; tags?: Tags} = {}): Histogram {
    const merged = new Histogram()
    for (const cell of this.#distributions.values()) {
      if (cell.metric === metric && within(cell, where)) merged.merge(cell.value)
    }
    return merged
  }

  counterSlices(metric: string): CounterSlice[] {
    return cellsOf(this.#counters, metric).map(({phase, tags, value}) => ({phase, tags, value}))
  }

  /** `independent` defaults to every sample standing for itself. */
  distributionSlices(metric: string, independent?: (phase: string) => number): DistributionSlice[] {
    return cellsOf(this.#distributions, metric).map(({phase, tags, value}) => ({
      phase,
      tags,
      histogram: value,
      independent: Math.min(value.count, independent?.(phase) ?? value.count),
    }))
  }

  /** The newest value of each worker in each phase, phases in the order in which they came. */
  gaugeSlices(metric: string): GaugeSlice[] {
    return cellsOf(this.#gauges, metric).map(({phase, tags, value}) => ({phase, tags, value}))
  }

  series(): Series {
    return this.#seconds.series()
  }

  #add(worker: number, entry: PulseEntry, second: number): void {
    const {metric, tags, phase} = entry
    const key = `${phase}|${keyOf(metric, tags)}`
    switch (entry.type) {
      case 'counter': {
        cell(this.#counters, key, {metric, tags, phase, value: 0}).value += entry.value
        this.#seconds.count(metric, second, entry.value)
        break
      }
      case 'distribution': {
        const histogram = Histogram.decode(entry.encoded)
        cell(this.#distributions, key, {metric, tags, phase, value: new Histogram()}).value.merge(histogram)
        this.#seconds.record(metric, second, histogram)
        break
      }
      case 'gauge': {
        cell(this.#gauges, `${worker}|${key}`, {metric, tags, phase, value: 0}).value = entry.value
        this.#seconds.gauge(metric, `${worker}|${keyOf(metric, tags)}`, second, entry.value)
        break
      }
    }
  }
}

function cell<Value>(cells: Map<string, Cell<Value>>, key: string, fresh: Cell<Value>): Cell<Value> {
  const known = cells.get(key)
  if (known) return known
  cells.set(key, fresh)
  return fresh
}

function cellsOf<Value>(cells: Map<string, Cell<Value>>, metric: string): Cell<Value>[] {
  return [...cells.values()].filter((candidate) => candidate.metric === metric)
}

function within(cell: {phase: string; tags: Tags}, where: {phase?: string; tags?: Tags}): boolean {
  if (where.phase !== undefined && where.phase !== cell.phase) return false
  return Object.entries(where.tags ?? {}).every(([name, value]) => cell.tags[name] === value)
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
