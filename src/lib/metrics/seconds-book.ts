/** One line of figures for each second of a run; a second's histogram is kept only until its figures are final. */
import {Histogram} from './histogram.js'
import type {Series, SeriesColumn} from './series.js'

/** Workers report a second late at most by this; later pulses of it no longer move its percentiles. */
const OPEN_SECONDS = 3

interface Figures {
  readonly count: number
  readonly p50: number | undefined
  readonly p99: number | undefined
  readonly max: number | undefined
}

export class SecondsBook {
  readonly #counters = new Map<string, number[]>()
  /** For each metric one column a source: a worker and its tags. */
  readonly #gauges = new Map<string, Map<string, number[]>>()
  readonly #figures = new Map<string, Figures[]>()
  readonly #open = new Map<string, Map<number, Histogram>>()
  #length = 0

  count(metric: string, second: number, value: number): void {
    add(column(this.#counters, metric), second, value)
    this.#reach(second)
  }

  /** Gauges of several sources add up; of one source's readings in a second the last one counts. */
  gauge(metric: string, source: string, second: number, value: number): void {
    const columns = this.#gauges.get(metric) ?? new Map<string, number[]>()
    this.#gauges.set(metric, columns)
    const known = columns.get(source) ?? []
    columns.set(source, known)
    known[second] = value
    this.#reach(second)
  }

  record(metric: string, second: number, histogram: Histogram): void {
    const open = this.#open.get(metric) ?? new Map<number, Histogram>()
    this.#open.set(metric, open)
    const merged = open.get(second) ?? new Histogram()
    merged.merge(histogram)
    open.set(second, merged)
    this.#reach(second)
    for (const known of open.keys()) if (known < second - OPEN_SECONDS) this.#close(metric, known)
  }

  series(): Series {
    for (const [metric, open] of this.#open) for (const second of open.keys()) this.#close(metric, second)
    const columns: Record<string, SeriesColumn> = {}
    for (const [metric, values] of this.#counters) {
      columns[metric] = {type: 'counter', perSecond: this.#every((second) => values[second] ?? 0)}
    }
    for (const [metric, sources] of this.#gauges) {
      columns[metric] = {type: 'gauge', value: this.#every((second) => sumAt([...sources.values()], second))}
    }
    for (const [metric, figures] of this.#figures) {
      columns[metric] = {
        type: 'distribution',
        count: this.#every((second) => figures[second]?.count ?? 0),
        p50: this.#every((second) => figures[second]?.p50 ?? null),
        p99: this.#every((second) => figures[second]?.p99 ?? null),
        max: this.#every((second) => figures[second]?.max ?? null),
      }
    }
    return columns
  }

  #close(metric: string, second: number): void {
    const histogram = this.#open.get(metric)?.get(second)
    if (!histogram) return
    const {count, max} = histogram
    const figures = {count, p50: histogram.percentile(50), p99: histogram.percentile(99), max}
    const known = column(this.#figures, metric)
    // A pulse that came after the second was closed adds to its count and maximum; its percentiles stand.
    const before = known[second]
    known[second] = before
      ? {...before, count: before.count + count, max: Math.max(before.max ?? 0, max ?? 0)}
      : figures
    this.#open.get(metric)?.delete(second)
  }

  #reach(second: number): void {
    this.#length = Math.max(this.#length, second + 1)
  }

  #every<Value>(value: (second: number) => Value): Value[] {
    return Array.from({length: this.#length}, (_, second) => value(second))
  }
}

function column<Value>(columns: Map<string, Value[]>, metric: string): Value[] {
  const known = columns.get(metric) ?? []
  columns.set(metric, known)
  return known
}

function add(values: number[], second: number, value: number): void {
  values[second] = (values[second] ?? 0) + value
}

function sumAt(columns: readonly number[][], second: number): number | null {
  const known = columns.flatMap((values) => values[second] ?? [])
  return known.length === 0 ? null : known.reduce((total, value) => total + value, 0)
}
