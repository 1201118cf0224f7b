/** What one way of doing the same saves against another, from times taken in pairs; pure but for the random that is handed in. */
import type {Random} from '../../../base/random.js'
import {median} from '../../../verdict/median.js'

/** Times in milliseconds, taken one right after the other. */
export type Pair = readonly [slow: number, fast: number]

export interface Saving {
  /** 1 − fast/slow; negative where it is slower. */
  readonly saving: number
  /** Two-sided, 95 %. */
  readonly interval: readonly [number, number]
}

const RESAMPLES = 2000
const FEWEST_PAIRS = 3
/** A time of 0 has no ratio. */
const SHORTEST = 0.0005

/**
 * The median of the pairs' ratios, and the percentile interval of its bootstrap.
 * Source: Efron & Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13.
 */
export function savingOf(pairs: readonly Pair[], random: Random): Saving | undefined {
  if (pairs.length < FEWEST_PAIRS) return undefined
  const ratios = pairs.map(([slow, fast]) => Math.log(Math.max(fast, SHORTEST) / Math.max(slow, SHORTEST)))
  const medians = Array.from({length: RESAMPLES}, () =>
    median(ratios.map(() => ratios[random.below(ratios.length)] ?? NaN)),
  ).sort((one, other) => one - other)
  const end = (share: number) => 1 - Math.exp(medians[Math.round(share * (RESAMPLES - 1))] ?? NaN)
  return {saving: 1 - Math.exp(median(ratios)), interval: [end(0.975), end(0.025)]}
}

/** Runs both in turn, each as often first as the other, until there are enough pairs or the time is over. */
export async function inPairs(
  ways: readonly [slow: () => Promise<number>, fast: () => Promise<number>],
  going: (pairs: number) => boolean,
): Promise<Pair[]> {
  const [slow, fast] = ways
  await slow()
  await fast()
  const pairs: Pair[] = []
  while (going(pairs.length)) {
    if (pairs.length % 2 === 0) pairs.push([await slow(), await fast()])
    else {
      const second = await fast()
      pairs.push([await slow(), second])
    }
  }
  return pairs
}
