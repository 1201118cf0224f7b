/** What all workers measured, merged: totals by phase and tag, one column of figures a second, and counts of every 100 ms. */
import {Bins} from './bins.js'
import {Cells, type Figures} from './cells.js'
import {Histogram} from './histogram.js'
import type {CounterSlice, DistributionSlice, GaugeSlice} from './metric.js'
import type {Pulse, PulseEntry} from './pulse.js'
import {SecondsBook} from './seconds-book.js'
import type {Series} from './series.js'
import {keyOf} from './tally.js'

/** Seconds whose figures can be asked for one by one; long enough for every worker to have told them. */
const RECENT = 10

/** Memory: one cell for each metric, tag set and phase, and a few numbers a second; never one for each sample. */
export class Measurements implements Figures {
  readonly #whole = new Cells()
  readonly #recent = new Map<number, Cells>()
  readonly #seconds = new SecondsBook()
  readonly #bins = new Map<string, Bins>()
  readonly #ended = new Map<number, number>()

  /** Adds one worker's pulse. */
  merge(worker: number, {second, entries, ends = false}: Pulse): void {
    const recent = this.#recent.get(second) ?? new Cells()
    this.#recent.set(second, recent)
    for (const entry of entries) this.#add(worker, entry, {second, recent})
    if (ends) this.#ended.set(worker, Math.max(second, this.#ended.get(worker) ?? 0))
    for (const known of this.#recent.keys()) if (known <= second - RECENT) this.#recent.delete(known)
  }

  /** The newest second of which a worker will tell no more; undefined before its first. */
  endedSecond(worker: number): number | undefined {
    return this.#ended.get(worker)
  }

  /** What was told of one second; of a second that is long past, or has not come, nothing. */
  second(second: number): Cells {
    return this.#recent.get(second) ?? new Cells()
  }

  /** Counts of every 100 ms. */
  bins(metric: string): Bins {
    const known = this.#bins.get(metric) ?? new Bins()
    this.#bins.set(metric, known)
    return known
  }

  /** The sum over all phases and tags, or over those named. */
  total(metric: string, where: Parameters<Cells['total']>[1] = {}): number {
    return this.#whole.total(metric, where)
  }

  /** One merged distribution over all phases and tags, or over those named. */
  distribution(metric: string, where: Parameters<Cells['distribution']>[1] = {}): Histogram {
    return this.#whole.distribution(metric, where)
  }

  counterSlices(metric: string): CounterSlice[] {
    return this.#whole.counterSlices(metric)
  }

  /** `independent` defaults to every sample standing for itself. */
  distributionSlices(metric: string, independent?: (phase: string) => number): DistributionSlice[] {
    return this.#whole.distributionSlices(metric, independent)
  }

  /** The newest value of each worker in each phase, phases in the order in which they came. */
  gaugeSlices(metric: string): GaugeSlice[] {
    return this.#whole.gaugeSlices(metric)
  }

  series(): Series {
    return this.#seconds.series()
  }

  #add(worker: number, entry: PulseEntry, {second, recent}: {second: number; recent: Cells}): void {
    switch (entry.type) {
      case 'counter': {
        for (const cells of [this.#whole, recent]) cells.count(entry, entry.value)
        this.#seconds.count(entry.metric, second, entry.value)
        break
      }
      case 'distribution': {
        const histogram = Histogram.decode(entry.encoded)
        for (const cells of [this.#whole, recent]) cells.record(entry, histogram)
        this.#seconds.record(entry.metric, second, histogram)
        break
      }
      case 'gauge': {
        for (const cells of [this.#whole, recent]) cells.gauge(worker, entry, entry.value)
        this.#seconds.gauge(entry.metric, `${worker}|${keyOf(entry.metric, entry.tags)}`, second, entry.value)
        break
      }
      case 'bins':
        this.bins(entry.metric).merge(entry.counts)
    }
  }
}
