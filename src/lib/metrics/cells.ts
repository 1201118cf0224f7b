/** Figures side by side, one cell for each metric, tag set and phase: of a whole run, or of one second of it. */
import {Histogram} from './histogram.js'
import type {CounterSlice, DistributionSlice, GaugeSlice, Tags} from './metric.js'
import {keyOf} from './tally.js'

interface Place {
  readonly metric: string
  readonly tags: Tags
  readonly phase: string
}

interface Cell<Value> extends Place {
  value: Value
}

interface Where {
  readonly phase?: string
  readonly tags?: Tags
}

/** What can be asked of measured figures. */
export interface Figures {
  counterSlices(metric: string): CounterSlice[]
  distributionSlices(metric: string): DistributionSlice[]
  gaugeSlices(metric: string): GaugeSlice[]
}

/** Memory: one cell for each metric, tag set and phase; never one for each sample. */
export class Cells implements Figures {
  readonly #counters = new Map<string, Cell<number>>()
  readonly #distributions = new Map<string, Cell<Histogram>>()
  /** Gauges of several workers stand side by side; of each worker and phase the newest counts. */
  readonly #gauges = new Map<string, Cell<number>>()

  count(place: Place, value: number): void {
    cell(this.#counters, placeKey(place), place, () => 0).value += value
  }

  record(place: Place, histogram: Histogram): void {
    cell(this.#distributions, placeKey(place), place, () => new Histogram()).value.merge(histogram)
  }

  gauge(worker: number, place: Place, value: number): void {
    cell(this.#gauges, `${worker}|${placeKey(place)}`, place, () => 0).value = value
  }

  /** The sum over all phases and tags, or over those named. */
  total(metric: string, where: Where = {}): number {
    return this.counterSlices(metric)
      .filter((slice) => within(slice, where))
      .reduce((sum, {value}) => sum + value, 0)
  }

  /** One merged distribution over all phases and tags, or over those named. */
  distribution(metric: string, where: Where = {}): Histogram {
    const merged = new Histogram()
    for (const one of this.#distributions.values())
      if (one.metric === metric && within(one, where)) merged.merge(one.value)
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
}

function placeKey({phase, metric, tags}: Place): string {
  return `${phase}|${keyOf(metric, tags)}`
}

type CellMap<Value> = Map<string, Cell<Value>>

function cell<Value>(cells: CellMap<Value>, key: string, place: Place, nothing: () => Value): Cell<Value> {
  const known = cells.get(key)
  if (known) return known
  const {metric, tags, phase} = place
  const fresh = {metric, tags, phase, value: nothing()}
  cells.set(key, fresh)
  return fresh
}

function cellsOf<Value>(cells: Map<string, Cell<Value>>, metric: string): Cell<Value>[] {
  return [...cells.values()].filter((candidate) => candidate.metric === metric)
}

function within(cell: {phase: string; tags: Tags}, where: Where): boolean {
  if (where.phase !== undefined && where.phase !== cell.phase) return false
  return Object.entries(where.tags ?? {}).every(([name, value]) => cell.tags[name] === value)
}
