/** A mergeable distribution of bounded size: an HDR histogram of 3 significant digits, with exact extremes and mean. */
import {Float64Histogram} from 'hdr-histogram-js'

/** Values are kept as whole thousandths of their unit: milliseconds as microseconds. */
const PARTS = 1000
/** What is larger is kept as this, so that no sample can blow up the counts (2^50 µs are 35 years). */
const LARGEST_PART = 2 ** 50
const LARGEST_FAST = 2 ** 31 - 1
const ENCODING = 'h1'

/**
 * Any percentile is within 0.05 % of the recorded sample (buckets are at most 1/1024 wide and stand for their middle),
 * and within half a thousandth of the unit for values below one; `min`, `max`, `mean` and `count` are exact.
 */
export class Histogram {
  /** Counts are doubles: exact to 2^53, where 32 bits overflow within an hour of a million deliveries a second. */
  readonly #parts = new Float64Histogram(1, 2, 3)
  #count = 0
  #min = Infinity
  #max = -Infinity
  #sum = 0

  constructor() {
    this.#parts.autoResize = true
  }

  /** Records one sample in the metric's unit, fractions allowed; what is below zero counts as zero. Throws a RangeError on NaN. */
  record(value: number): void {
    const kept = value > 0 ? value : zeroFor(value)
    const parts = Math.round(kept * PARTS)
    const index = parts <= LARGEST_FAST ? fastIndexOf(parts) : Infinity
    if (index < this.#parts.countsArrayLength) this.#parts.incrementCountAtIndex(index)
    else this.#parts.recordValue(Math.min(parts, LARGEST_PART))
    if (kept < this.#min) this.#min = kept
    if (kept > this.#max) this.#max = kept
    this.#sum += kept
    this.#count++
  }

  /** Records the same sample `count` times, as one message that many receivers got at once. */
  recordTimes(value: number, count: number): void {
    if (count <= 0) return
    const kept = value > 0 ? value : zeroFor(value)
    this.#parts.recordValueWithCount(Math.min(Math.round(kept * PARTS), LARGEST_PART), count)
    this.#count += count
    this.#widen(kept, kept, kept * count)
  }

  /** Adds all samples of another histogram; the same as if they had been recorded here. */
  merge(other: Histogram): void {
    const counts = other.toBuckets()
    for (const [index, count] of counts) this.#add(index, count)
    if (counts.length > 0) this.#widen(other.#min, other.#max, other.#sum)
  }

  /** Forgets every sample. */
  reset(): void {
    this.#parts.reset()
    this.#count = 0
    this.#min = Infinity
    this.#max = -Infinity
    this.#sum = 0
  }

  get count(): number {
    return this.#count
  }

  /** The smallest sample, exactly; undefined when there is none. */
  get min(): number | undefined {
    return this.count === 0 ? undefined : this.#min
  }

  /** The largest sample, exactly; undefined when there is none. */
  get max(): number | undefined {
    return this.count === 0 ? undefined : this.#max
  }

  /** The arithmetic mean; undefined when there is no sample. */
  get mean(): number | undefined {
    return this.count === 0 ? undefined : this.#sum / this.count
  }

  /** The `p`-th percentile, 0 to 100, by nearest rank; undefined when there is no sample. */
  percentile(p: number): number | undefined {
    return this.valueAtRank(nearestRank(p / 100, this.count))
  }

  /** The `rank`-th smallest sample, counted from 1; ranks outside are the extremes. Undefined when there is no sample. */
  valueAtRank(rank: number): number | undefined {
    if (this.count === 0 || Number.isNaN(rank)) return undefined
    if (rank <= 1) return this.#min
    if (rank >= this.count) return this.#max
    let below = 0
    const last = this.#indexOf(this.#max)
    for (let index = this.#indexOf(this.#min); index < last; index++) {
      below += this.#parts.getCountAtIndex(index)
      if (below >= rank) return this.#middleOf(index)
    }
    return this.#middleOf(last)
  }

  /** The filled buckets as pairs of index and count, in ascending order of value. */
  toBuckets(): [index: number, count: number][] {
    if (this.count === 0) return []
    const filled: [number, number][] = []
    const last = this.#indexOf(this.#max)
    for (let index = this.#indexOf(this.#min); index <= last; index++) {
      const count = this.#parts.getCountAtIndex(index)
      if (count > 0) filled.push([index, count])
    }
    return filled
  }

  /** Short plain text for messages between processes: `h1;min;max;sum;gap.count,…`, buckets in base 36. */
  encode(): string {
    if (this.count === 0) return ENCODING
    let previous = 0
    let buckets = ''
    for (const [index, count] of this.toBuckets()) {
      buckets += `,${(index - previous).toString(36)}.${count.toString(36)}`
      previous = index
    }
    return `${ENCODING};${this.#min};${this.#max};${this.#sum};${buckets.slice(1)}`
  }

  /** Reads what `encode` wrote. Throws a TypeError on any other text. */
  static decode(encoded: string): Histogram {
    const histogram = new Histogram()
    if (encoded === ENCODING) return histogram
    const [encoding, min, max, sum, buckets] = encoded.split(';')
    const figures = [Number(min), Number(max), Number(sum)] as const
    if (encoding !== ENCODING || buckets === undefined || !figures.every(Number.isFinite)) throw notEncoded()
    let index = 0
    for (const bucket of buckets.split(',')) {
      const dot = bucket.indexOf('.')
      index += parseInt(bucket.slice(0, dot), 36)
      const count = parseInt(bucket.slice(dot + 1), 36)
      if (!(index >= 0 && count > 0)) throw notEncoded()
      histogram.#add(index, count)
    }
    histogram.#widen(...figures)
    return histogram
  }

  #add(index: number, count: number): void {
    if (index < this.#parts.countsArrayLength) this.#parts.addToCountAtIndex(index, count)
    else this.#parts.recordValueWithCount(this.#parts.valueFromIndex(index), count)
    this.#count += count
  }

  #widen(min: number, max: number, sum: number): void {
    this.#min = Math.min(this.#min, min)
    this.#max = Math.max(this.#max, max)
    this.#sum += sum
  }

  #indexOf(value: number): number {
    return this.#parts.countsArrayIndex(Math.min(Math.round(value * PARTS), LARGEST_PART))
  }

  /** A bucket stands for its middle, which halves the error, but never leaves the range of what was recorded. */
  #middleOf(index: number): number {
    const parts = this.#parts.valueFromIndex(index)
    const middle = (parts + (this.#parts.sizeOfEquivalentValueRange(parts) - 1) / 2) / PARTS
    return Math.min(Math.max(middle, this.#min), this.#max)
  }
}

/**
 * The nearest rank of a quantile among `count` samples, ⌈q·n⌉ and at least 1. The tiny subtraction undoes binary
 * rounding: 0.999 of 1,000 is the 999th sample, not the 1,000th.
 */
export function nearestRank(fraction: number, count: number): number {
  const exact = fraction * count
  return Math.max(1, Math.ceil(exact - exact * 1e-12))
}

/**
 * The library's `countsArrayIndex` for values below 2^31, on whole numbers instead of logarithms, which is several times
 * faster: the top 11 bits of a value say where in its power of two it stands.
 */
function fastIndexOf(parts: number): number {
  const bucket = Math.max(0, 21 - Math.clz32(parts))
  return bucket * 1024 + (parts >>> bucket)
}

function zeroFor(value: number): 0 {
  if (Number.isNaN(value)) throw new RangeError('a sample that is not a number was recorded')
  return 0
}

function notEncoded(): TypeError {
  return new TypeError('this is not an encoded histogram')
}
