/** How far an estimate can be trusted: distribution-free 95 % limits for percentiles, exact ones for shares. */
import {nearestRank, type Histogram} from '../metrics/histogram.js'
import {binomialQuantile, regularisedBeta} from './binomial.js'

/** The two-sided interval and the one-sided bounds of one estimate; undefined where the samples do not suffice for one. */
export interface Limits {
  /** Holds the true value in 95 of 100 runs. */
  readonly interval: readonly [number, number] | undefined
  /** The true value is above it in 95 of 100 runs. */
  readonly lower: number | undefined
  /** The true value is below it in 95 of 100 runs. */
  readonly upper: number | undefined
}

const MISS = 0.05

/**
 * The rank whose sample lies at or above the quantile q with confidence 1−miss: the smallest u with
 * P(Bin(n, q) ≤ u−1) ≥ 1−miss. Undefined when even the largest sample may lie below it.
 * Source: Hahn & Meeker, Statistical Intervals, 5.2; David & Nagaraja, Order Statistics, 7.1.
 */
export function upperRank(fraction: number, samples: number, miss: number): number | undefined {
  const rank = binomialQuantile(1 - miss, samples, fraction) + 1
  return rank > samples ? undefined : rank
}

/** The mirror image: the largest l with P(Bin(n, q) ≤ l−1) ≤ miss. Undefined when even the smallest sample may lie above. */
export function lowerRank(fraction: number, samples: number, miss: number): number | undefined {
  const mirrored = upperRank(1 - fraction, samples, miss)
  return mirrored === undefined ? undefined : samples + 1 - mirrored
}

/**
 * Limits of a histogram's quantile (0 to 1) when only `independent` of its samples stand for themselves. Ranks are found
 * among the independent ones and scaled up: one message to 50 receivers is one sample whose value is known 50 times.
 */
export function percentileLimits(histogram: Histogram, fraction: number, independent: number): Limits {
  const samples = Math.floor(Math.min(independent, histogram.count))
  const each = histogram.count / samples
  const at = (rank: number | undefined) => (rank === undefined ? undefined : histogram.valueAtRank(rank))
  const below = (miss: number) => {
    const rank = lowerRank(fraction, samples, miss)
    return rank === undefined ? undefined : at(Math.floor((rank - 1) * each) + 1)
  }
  const above = (miss: number) => {
    const rank = upperRank(fraction, samples, miss)
    return rank === undefined ? undefined : at(nearestRank(rank / samples, histogram.count))
  }
  if (samples < 1) return {interval: undefined, lower: undefined, upper: undefined}
  return {interval: pair(below(MISS / 2), above(MISS / 2)), lower: below(MISS), upper: above(MISS)}
}

/** How many independent samples a percentile (0 to 1) needs before it has a one-sided 95 % bound on its far side. */
export function samplesNeeded(fraction: number): number {
  return Math.ceil(Math.log(MISS) / Math.log(fraction))
}

/**
 * Limits of a share by Clopper and Pearson (Biometrika 26, 1934): the chances at which `hits` or fewer, and `hits` or
 * more, would be seen with the probability that is allowed for a miss. Never too narrow, also for 0 hits.
 */
export function shareLimits(hits: number, trials: number): Limits {
  if (trials <= 0) return {interval: undefined, lower: undefined, upper: undefined}
  return {
    interval: [shareLower(hits, trials, MISS / 2), shareUpper(hits, trials, MISS / 2)],
    lower: shareLower(hits, trials, MISS),
    upper: shareUpper(hits, trials, MISS),
  }
}

/** The one-sided 95 % bound of a share that was never hit in `trials`: 1 − 0.05^(1/n), printed as `0 of 1,000 (< 0.30 %)`. */
export function zeroShareBound(trials: number): number {
  return trials <= 0 ? 1 : -Math.expm1(Math.log(MISS) / trials)
}

/** The chance p at which P(X ≤ hits) = miss, that is I_p(hits+1, trials−hits) = 1−miss. */
function shareUpper(hits: number, trials: number, miss: number): number {
  if (hits >= trials) return 1
  if (hits <= 0) return -Math.expm1(Math.log(miss) / trials)
  return bisect((chance) => regularisedBeta(chance, hits + 1, trials - hits) < 1 - miss)
}

/** The chance p at which P(X ≥ hits) = miss. */
function shareLower(hits: number, trials: number, miss: number): number {
  return hits <= 0 ? 0 : 1 - shareUpper(trials - hits, trials, miss)
}

/** The point between 0 and 1 up to which `below` is true, to 52 bits. */
function bisect(below: (chance: number) => boolean): number {
  let low = 0
  let high = 1
  for (let bit = 0; bit < 52; bit++) {
    const middle = (low + high) / 2
    if (below(middle)) low = middle
    else high = middle
  }
  return (low + high) / 2
}

function pair(low: number | undefined, high: number | undefined): readonly [number, number] | undefined {
  return low === undefined || high === undefined ? undefined : [low, high]
}
