/** Counts in bins of 100 ms from the run's start: what a second is too coarse for, around a fault. */
import type {Ms} from '../base/units.js'

const BIN: Ms = 100
/** Ten hours; what is later is not kept, so that memory is bounded however long the run. */
const MOST = 360_000

/** Numbers of bins with their counts. */
export type BinCounts = readonly (readonly [bin: number, count: number])[]

/** A stretch of the run, in ms from its start. */
export interface Span {
  readonly fromMs: Ms
  readonly toMs: Ms
}

/** The bin of a moment, in ms from the run's start; what is before it belongs to its first bin. */
export function binOf(atMs: Ms): number {
  return Math.max(0, Math.floor(atMs / BIN))
}

/** A stretch begins with the bin of its first moment, as what follows a fault may follow at once; it ends with the nearest bin, and has at least one. */
export class Bins {
  readonly #counts: number[] = []

  /** Adds what one worker counted; the same in whatever order it comes. */
  merge(counts: BinCounts): void {
    for (const [bin, count] of counts) if (bin < MOST) this.#counts[bin] = (this.#counts[bin] ?? 0) + count
  }

  total(span: Span): number {
    let total = 0
    for (const [, count] of this.#within(span)) total += count
    return total
  }

  /** When the first was counted, to 100 ms; undefined when none was. */
  first({fromMs, toMs}: Span): Ms | undefined {
    for (const [bin, count] of this.#within({fromMs, toMs})) if (count > 0) return Math.max(fromMs, bin * BIN)
    return undefined
  }

  /** The most that was counted in so many bins in a row. */
  peak(span: Span, bins = 1): number {
    const window: number[] = []
    let [sum, peak] = [0, 0]
    for (const [, count] of this.#within(span)) {
      window.push(count)
      sum += count - (window.length > bins ? (window.shift() ?? 0) : 0)
      peak = Math.max(peak, sum)
    }
    return peak
  }

  /** The end of the bin by which so many had been counted; undefined when it never came to that. */
  reaching(wanted: number, span: Span): Ms | undefined {
    let total = 0
    for (const [bin, count] of this.#within(span)) {
      total += count
      if (total >= wanted) return (bin + 1) * BIN
    }
    return undefined
  }

  *#within({fromMs, toMs}: Span): Iterable<[bin: number, count: number]> {
    const from = binOf(fromMs)
    const end = Math.min(this.#counts.length, Math.max(from + 1, Math.round(toMs / BIN)))
    for (let bin = from; bin < end; bin++) yield [bin, this.#counts[bin] ?? 0]
  }
}
