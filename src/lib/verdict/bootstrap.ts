/** How far an estimate can be trusted when its distribution is unknown: it is made again from what was drawn from the samples themselves. */
import type {Random} from '../base/random.js'

/** What the percentile method makes of the estimates of all resamples. */
export interface Trust {
  /** Two-sided, 95 %. */
  readonly interval: readonly [number, number]
  /** The true value is above it in 95 of 100 runs. */
  readonly lower: number
  /** The true value is below it in 95 of 100 runs. */
  readonly upper: number
}

/** Enough for the ends of a 95 % interval: Efron & Tibshirani, An Introduction to the Bootstrap, 14.5 and 19.3. */
export const RESAMPLES = 2000

/** Percentile method (Efron & Tibshirani, 13.3) over `resamples` calls of `again`, which draws anew each time. */
export function bootstrap(again: () => number, resamples: number): Trust {
  const estimates = Float64Array.from({length: resamples}, again).sort()
  const at = (share: number) =>
    estimates[Math.min(resamples - 1, Math.max(0, Math.round(share * (resamples - 1))))] ?? NaN
  return {interval: [at(0.025), at(0.975)], lower: at(0.05), upper: at(0.95)}
}

/** Draws `size` of `size` places with replacement; `counts` says how often each was drawn. */
export function redraw(counts: Int32Array, random: Random): void {
  counts.fill(0)
  let left = counts.length
  while (left-- > 0) {
    const place = random.below(counts.length)
    counts[place] = (counts[place] ?? 0) + 1
  }
}

/** The median of values in ascending order of which each stands there as often as `counts` says. */
export function medianOfDrawn(sorted: ArrayLike<number>, counts: Int32Array): number {
  const size = counts.length
  const [low, high] = [(size - 1) >> 1, size >> 1]
  let [passed, below] = [0, NaN]
  for (let place = 0; place < size; place++) {
    passed += counts[place] ?? 0
    const value = sorted[place] ?? NaN
    if (Number.isNaN(below) && passed > low) below = value
    if (passed > high) return (below + value) / 2
  }
  return NaN
}
