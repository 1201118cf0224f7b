import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {exponential, seededRandom} from '../../src/lib/base/random.js'
import {Histogram} from '../../src/lib/metrics/histogram.js'
import {binomialAtMost, binomialQuantile} from '../../src/lib/verdict/binomial.js'
import {
  lowerRank,
  percentileLimits,
  samplesNeeded,
  shareLimits,
  upperRank,
  zeroShareBound,
} from '../../src/lib/verdict/intervals.js'

/** Adds up the terms one by one, of whichever side is the likelier: (1 − chance) ** trials would be too small for a double. */
function naiveAtMost(hits: number, trials: number, chance: number): number {
  if (chance > 0.5) return hits >= trials ? 1 : 1 - naiveAtMost(trials - hits - 1, trials, 1 - chance)
  let term = (1 - chance) ** trials
  let total = term
  for (let k = 1; k <= hits; k++) {
    term *= ((trials - k + 1) / k) * (chance / (1 - chance))
    total += term
  }
  return total
}

describe('the binomial distribution', () => {
  it('agrees with the sum of its terms', () => {
    const trials = fc.integer({min: 1, max: 120})
    fc.assert(
      fc.property(trials, fc.nat(), fc.double({min: 0.001, max: 0.999, noNaN: true}), (n, pick, chance) => {
        const hits = pick % (n + 1)
        expect(binomialAtMost(hits, n, chance)).toBeCloseTo(naiveAtMost(hits, n, chance), 9)
      }),
    )
  })

  it('has a quantile that is the first to reach its level, also for ten million trials', () => {
    const trials = fc.oneof(fc.integer({min: 1, max: 100}), fc.integer({min: 1000, max: 10_000_000}))
    fc.assert(
      fc.property(
        trials,
        fc.constantFrom(0.5, 0.9, 0.99, 0.999),
        fc.constantFrom(0.025, 0.5, 0.95),
        (n, chance, level) => {
          const hits = binomialQuantile(level, n, chance)
          expect(binomialAtMost(hits, n, chance)).toBeGreaterThanOrEqual(level)
          expect(binomialAtMost(hits - 1, n, chance)).toBeLessThan(level)
        },
      ),
    )
  })

  it('comes close to the normal distribution when there are many trials', () => {
    const spread = Math.sqrt(1_000_000 * 0.99 * 0.01)
    expect((binomialQuantile(0.95, 1_000_000, 0.99) - 990_000) / spread).toBeCloseTo(1.645, 1)
  })
})

/** Hahn & Meeker, and the classic sizes: 59 for a p95, 299 for a p99. */
describe('ranks that bound a percentile', () => {
  it.each([
    ['p50 of 10, two-sided', 0.5, 10, 0.025, 2, 9],
    ['p50 of 100, two-sided', 0.5, 100, 0.025, 40, 61],
    ['p99 of 298: no upper bound', 0.99, 298, 0.05, 292, undefined],
    ['p99 of 299: the largest', 0.99, 299, 0.05, 293, 299],
    ['p95 of 59: the largest', 0.95, 59, 0.05, 53, 59],
    ['p50 of 1: none', 0.5, 1, 0.05, undefined, undefined],
  ])('%s', (_case, fraction, samples, miss, lower, upper) => {
    expect([lowerRank(fraction, samples, miss), upperRank(fraction, samples, miss)]).toEqual([lower, upper])
  })

  it('are what the binomial distribution demands', () => {
    fc.assert(
      fc.property(fc.integer({min: 1, max: 5000}), fc.integer({min: 1, max: 999}), (samples, permille) => {
        const fraction = permille / 1000
        const upper = upperRank(fraction, samples, 0.05)
        const lower = lowerRank(fraction, samples, 0.05)
        if (upper !== undefined)
          expect(binomialAtMost(upper - 1, samples, fraction)).toBeGreaterThanOrEqual(0.95 - 1e-9)
        if (lower !== undefined) expect(binomialAtMost(lower - 1, samples, fraction)).toBeLessThanOrEqual(0.05 + 1e-9)
        if (upper !== undefined && lower !== undefined) expect(lower).toBeLessThanOrEqual(upper)
      }),
    )
  })

  it.each([
    [0.99, 299],
    [0.95, 59],
    [0.999, 2995],
    [0.5, 5],
  ])('a percentile at %d needs %d samples for an upper bound', (fraction, samples) => {
    expect(samplesNeeded(fraction)).toBe(samples)
    expect(upperRank(fraction, samples, 0.05)).toBe(samples)
    expect(upperRank(fraction, samples - 1, 0.05)).toBeUndefined()
  })
})

interface Hits {
  interval: number
  lower: number
  upper: number
}

/** How often the true percentile of an exponential distribution lies within the limits, over 2,000 runs. */
function coverage(fraction: number, messages: number, receivers: number): Hits {
  const random = seededRandom('coverage')
  const truth = -Math.log(1 - fraction) * 100
  const histogram = new Histogram()
  const runs = 2000
  const hits: Hits = {interval: 0, lower: 0, upper: 0}
  for (let run = 0; run < runs; run++) {
    histogram.reset()
    for (let n = 0; n < messages; n++) histogram.recordTimes(exponential(100, random), receivers)
    const {interval, lower, upper} = percentileLimits(histogram, fraction, messages)
    if (interval && interval[0] <= truth && truth <= interval[1]) hits.interval += 1 / runs
    if (lower !== undefined && lower <= truth) hits.lower += 1 / runs
    if (upper !== undefined && upper >= truth) hits.upper += 1 / runs
  }
  return hits
}

describe('limits of a percentile', () => {
  it.each([
    ['p50 of 100', 0.5, 100, 1],
    ['p90 of 200', 0.9, 200, 1],
    ['p99 of 600', 0.99, 600, 1],
    ['p90 of 200 messages to 50 receivers each', 0.9, 200, 50],
  ])('hold the true value as often as they say: %s', (_case, fraction, messages, receivers) => {
    const {interval, lower, upper} = coverage(fraction, messages, receivers)
    // 2,000 runs of a 95 % limit scatter by 0.5 %; four times that is allowed below, the discreteness of ranks above.
    for (const share of [interval, lower, upper]) expect(share).toBeGreaterThan(0.93)
    expect(Math.min(lower, upper)).toBeLessThan(0.985)
  })

  it('would be far too narrow if receivers of one message counted as samples of their own', () => {
    const histogram = new Histogram()
    for (let n = 1; n <= 200; n++) histogram.recordTimes(n, 50)
    const honest = percentileLimits(histogram, 0.5, 200).interval ?? [0, 0]
    const naive = percentileLimits(histogram, 0.5, 10_000).interval ?? [0, 0]
    expect(honest[1] - honest[0]).toBeGreaterThan(5 * (naive[1] - naive[0]))
  })

  it('enclose the estimate', () => {
    const values = fc.array(fc.double({min: 0, max: 1000, noNaN: true}), {minLength: 1, maxLength: 400})
    fc.assert(
      fc.property(
        values,
        fc.integer({min: 1, max: 99}),
        fc.integer({min: 1, max: 20}),
        (samples, percent, receivers) => {
          const histogram = new Histogram()
          for (const value of samples) histogram.recordTimes(value, receivers)
          const estimate = histogram.percentile(percent) ?? NaN
          const {interval, lower, upper} = percentileLimits(histogram, percent / 100, samples.length)
          for (const below of [lower, interval?.[0]]) expect(below ?? 0).toBeLessThanOrEqual(estimate)
          for (const above of [upper, interval?.[1]]) expect(above ?? Infinity).toBeGreaterThanOrEqual(estimate)
        },
      ),
    )
  })

  it('are unknown when there is nothing', () => {
    const unknown = {interval: undefined, lower: undefined, upper: undefined}
    expect(percentileLimits(new Histogram(), 0.5, 0)).toEqual(unknown)
    expect(shareLimits(0, 0)).toEqual(unknown)
  })
})

/** Two-sided figures as printed by R's binom.test. */
describe('limits of a share', () => {
  it.each([
    ['0 of 10', 0, 10, 0, 0.3084971],
    ['1 of 10', 1, 10, 0.002528579, 0.4450161],
    ['5 of 10', 5, 10, 0.187086, 0.812914],
    ['10 of 10', 10, 10, 0.6915029, 1],
    ['7 of 100', 7, 100, 0.02860524, 0.1389197],
  ])('%s', (_case, hits, trials, low, high) => {
    const {interval} = shareLimits(hits, trials)
    expect(interval?.[0]).toBeCloseTo(low, 6)
    expect(interval?.[1]).toBeCloseTo(high, 6)
  })

  it('never hold the true share less often than they say', () => {
    const worst = [10, 50, 300].flatMap((trials) =>
      [0.001, 0.01, 0.1, 0.3, 0.5, 0.9].map((chance) => {
        let [inside, below, above] = [0, 0, 0]
        for (let hits = 0; hits <= trials; hits++) {
          const weight = binomialAtMost(hits, trials, chance) - binomialAtMost(hits - 1, trials, chance)
          const {interval = [1, 0], lower = 1, upper = 0} = shareLimits(hits, trials)
          if (interval[0] <= chance && chance <= interval[1]) inside += weight
          if (lower <= chance) below += weight
          if (upper >= chance) above += weight
        }
        return Math.min(inside, below, above)
      }),
    )
    expect(Math.min(...worst)).toBeGreaterThanOrEqual(0.95 - 1e-9)
  })

  it('rise with the hits and narrow with the trials', () => {
    fc.assert(
      fc.property(fc.integer({min: 2, max: 100_000}), fc.nat(), (trials, pick) => {
        const hits = pick % trials
        const [few, more, longer] = [
          shareLimits(hits, trials),
          shareLimits(hits + 1, trials),
          shareLimits(hits, trials * 2),
        ]
        expect(more.upper).toBeGreaterThanOrEqual(few.upper ?? NaN)
        expect(more.lower).toBeGreaterThanOrEqual(few.lower ?? NaN)
        expect(longer.upper).toBeLessThan(few.upper ?? NaN)
      }),
    )
  })

  it.each([
    [1000, 0.0029912],
    [299, 0.0099692],
    [1, 0.95],
    [0, 1],
  ])('none of %d is below %d', (trials, bound) => {
    expect(zeroShareBound(trials)).toBeCloseTo(bound, 6)
    if (trials > 0) expect(shareLimits(0, trials).upper).toBeCloseTo(bound, 6)
  })
})
