import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {Histogram, nearestRank} from '../../src/lib/metrics/histogram.js'

/** Milliseconds as they occur, from below a microsecond to hours. */
const sample = fc.oneof(
  fc.double({min: 0, max: 10, noNaN: true}),
  fc.double({min: 0, max: 10_000, noNaN: true}),
  fc.double({min: 0, max: 1e7, noNaN: true}),
)
const samples = fc.array(sample, {minLength: 1, maxLength: 300})

function histogramOf(values: readonly number[]): Histogram {
  const histogram = new Histogram()
  for (const value of values) histogram.record(value)
  return histogram
}

/** Within 0.1 % and half a thousandth. */
function isNear(observed: number | undefined, exact: number): boolean {
  return observed !== undefined && Math.abs(observed - exact) <= exact * 0.001 + 0.0005 + 1e-9
}

function figuresOf(histogram: Histogram) {
  const {count, min, max} = histogram
  return {count, min, max, buckets: histogram.toBuckets()}
}

describe('a histogram', () => {
  it('knows every order statistic to 0.1 %', () => {
    fc.assert(
      fc.property(samples, fc.nat(), (values, pick) => {
        const sorted = values.toSorted((a, b) => a - b)
        const rank = (pick % values.length) + 1
        return isNear(histogramOf(values).valueAtRank(rank), sorted[rank - 1] ?? NaN)
      }),
    )
  })

  it('agrees with a naive percentile to 0.1 %', () => {
    fc.assert(
      fc.property(samples, fc.integer({min: 0, max: 1000}), (values, permille) => {
        const sorted = values.toSorted((a, b) => a - b)
        const rank = Math.max(1, Math.ceil((permille * values.length) / 1000))
        return isNear(histogramOf(values).percentile(permille / 10), sorted[rank - 1] ?? NaN)
      }),
    )
  })

  it('keeps count, minimum, maximum and mean exactly', () => {
    fc.assert(
      fc.property(samples, (values) => {
        const histogram = histogramOf(values)
        expect(histogram.count).toBe(values.length)
        expect(histogram.min).toBe(Math.min(...values))
        expect(histogram.max).toBe(Math.max(...values))
        expect(histogram.mean).toBeCloseTo(values.reduce((sum, value) => sum + value, 0) / values.length, 6)
      }),
    )
  })

  it('merges into what recording everything would have made', () => {
    fc.assert(
      fc.property(fc.array(sample), fc.array(sample), (some, others) => {
        const merged = histogramOf(some)
        merged.merge(histogramOf(others))
        const all = histogramOf([...some, ...others])
        expect(figuresOf(merged)).toEqual(figuresOf(all))
        if (all.mean !== undefined) expect(merged.mean).toBeCloseTo(all.mean, 6)
      }),
    )
  })

  it('survives its encoding, also as JSON', () => {
    fc.assert(
      fc.property(fc.array(sample), (values) => {
        const histogram = histogramOf(values)
        const decoded = Histogram.decode(JSON.parse(JSON.stringify(histogram.encode())) as string)
        expect(figuresOf(decoded)).toEqual(figuresOf(histogram))
        expect(decoded.mean).toBe(histogram.mean)
      }),
    )
  })

  it('records one value many times as many records would', () => {
    fc.assert(
      fc.property(sample, fc.integer({min: 0, max: 50}), (value, count) => {
        const atOnce = new Histogram()
        atOnce.recordTimes(value, count)
        expect(figuresOf(atOnce)).toEqual(figuresOf(histogramOf(Array.from({length: count}, () => value))))
      }),
    )
  })

  it('has no figures while it is empty, and after a reset', () => {
    const histogram = histogramOf([3])
    histogram.reset()
    for (const empty of [new Histogram(), histogram, Histogram.decode(new Histogram().encode())]) {
      expect(empty.count).toBe(0)
      expect([empty.min, empty.max, empty.mean, empty.percentile(99), empty.valueAtRank(1)]).toEqual(
        Array(5).fill(undefined),
      )
    }
  })

  it('counts what is below zero as zero', () => {
    expect(figuresOf(histogramOf([-3, -0]))).toEqual(figuresOf(histogramOf([0, 0])))
  })

  it('refuses a sample that is not a number', () => {
    expect(() => new Histogram().record(NaN)).toThrow(RangeError)
    expect(() => new Histogram().recordTimes(NaN, 2)).toThrow(RangeError)
  })

  it('keeps its counts beyond 32 bits', () => {
    const histogram = new Histogram()
    histogram.recordTimes(1, 3e9)
    histogram.recordTimes(2, 1)
    expect([histogram.count, histogram.percentile(50)]).toEqual([3_000_000_001, 1])
  })

  it('takes a sample of any size', () => {
    const histogram = histogramOf([1, 1e300])
    expect([histogram.max, histogram.percentile(50), histogram.count]).toEqual([1e300, 1, 2])
  })

  it.each(['', 'h0;1;1;1;0.1', 'h1;1;1', 'h1;x;1;1;1.1', 'h1;1;1;1;', 'h1;1;1;1;1.0', 'h1;1;1;1;a'])(
    'refuses %j as an encoding',
    (text) => {
      expect(() => Histogram.decode(text)).toThrow(TypeError)
    },
  )
})

it.each([
  [0.999, 1000, 999],
  [0.99, 100, 99],
  [0.5, 3, 2],
  [0, 10, 1],
  [1, 10, 10],
  [0.999, 1_000_000_000, 999_000_000],
])('the nearest rank of quantile %d among %d samples is %d', (fraction, count, rank) => {
  expect(nearestRank(fraction, count)).toBe(rank)
})
