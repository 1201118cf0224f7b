/** By how much a time has changed: after/before from repeated runs, with its bootstrap interval. */
import type {Random} from '../base/random.js'
import {bootstrap, medianOfDrawn, redraw, RESAMPLES, type Trust} from './bootstrap.js'
import {medianOfSorted} from './median.js'

/** Times of one kind of call. Of pairs, those at the same place belong together. */
export interface Times {
  readonly before: readonly number[]
  readonly after: readonly number[]
}

/** All as after/before: 0.5 takes half the time. */
export interface Ratio extends Trust {
  readonly ratio: number
  /** Pairs, or of groups that are not paired the runs of the smaller one. */
  readonly samples: number
}

/** Fewer say nothing of a median. */
const FEWEST = 3

/**
 * Of pairs: the median of ln(after/before) of each stratum, their mean over the strata, and exp of it, so that each kind of value counts the
 * same however often it was run. Pairs are redrawn within their stratum. Undefined when no stratum has three pairs.
 */
export function pairedRatio(strata: readonly Times[], random: Random, resamples = RESAMPLES): Ratio | undefined {
  const sorted = strata.map(logRatios).filter(({length}) => length >= FEWEST)
  return ratioOf(sorted.map(drawable), {samples: sum(sorted.map(({length}) => length)), random, resamples})
}

/** Of two groups: ln(median after) − ln(median before) of each stratum; each group is redrawn by itself. */
export function unpairedRatio(strata: readonly Times[], random: Random, resamples = RESAMPLES): Ratio | undefined {
  const kept = strata
    .map(({before, after}) => [logs(before), logs(after)] as const)
    .filter(([before, after]) => Math.min(before.length, after.length) >= FEWEST)
  const drawables = kept.map(([before, after]) => {
    const [left, right] = [drawable(before), drawable(after)]
    return {whole: () => right.whole() - left.whole(), again: (from: Random) => right.again(from) - left.again(from)}
  })
  const samples = sum(kept.map(([before, after]) => Math.min(before.length, after.length)))
  return ratioOf(drawables, {samples, random, resamples})
}

interface Drawable {
  whole(): number
  again(random: Random): number
}

interface Draws {
  readonly samples: number
  readonly random: Random
  readonly resamples: number
}

function ratioOf(strata: readonly Drawable[], {samples, random, resamples}: Draws): Ratio | undefined {
  if (strata.length === 0) return undefined
  const mean = (of: (stratum: Drawable) => number) => Math.exp(sum(strata.map(of)) / strata.length)
  const trust = bootstrap(() => mean((stratum) => stratum.again(random)), resamples)
  return {ratio: mean((stratum) => stratum.whole()), samples, ...trust}
}

function drawable(sorted: Float64Array): Drawable {
  const counts = new Int32Array(sorted.length)
  return {
    whole: () => medianOfSorted(sorted),
    again(random) {
      redraw(counts, random)
      return medianOfDrawn(sorted, counts)
    },
  }
}

function logRatios({before, after}: Times): Float64Array {
  const pairs = Math.min(before.length, after.length)
  return Float64Array.from({length: pairs}, (_, pair) => Math.log((after[pair] ?? NaN) / (before[pair] ?? NaN))).sort()
}

function logs(times: readonly number[]): Float64Array {
  return Float64Array.from(times, Math.log).sort()
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
