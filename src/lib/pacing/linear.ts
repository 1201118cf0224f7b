/**
 * Arrivals under a rate that changes linearly: how many there are by a time, and when the n-th is due.
 *
 *   rate                     r(t) = from + (to − from) · t / length
 *    to ┤          ╱         N(t) = ∫ r = from · t + a · t²,  a = (to − from) / (2 · length)
 *       │      ╱ ▒ │
 *       │  ╱ ▒ ▒ ▒ │         The n-th arrival is due when N(t) = n:
 *  from ┤▒ ▒ ▒ ▒ ▒ │         t = (−from + √(from² + 4an)) / 2a = 2n / (from + √(from² + 4an))
 *       └──────────┴─ t
 *                length      The right-hand form also holds for a = 0 and loses no digits for a near 0.
 */
import type {Ms, PerSecond} from '../base/units.js'

/** One stretch in which the rate goes linearly `from` … `to`. */
export interface Line {
  readonly from: PerSecond
  readonly to: PerSecond
  readonly lengthMs: Ms
}

/** N(length): arrivals in the whole stretch, with their fraction. */
export function arrivalsIn({from, to, lengthMs}: Line): number {
  return ((from + to) / 2) * (lengthMs / 1000)
}

/** N(t): arrivals from the start of the stretch to `t`, with their fraction. */
export function arrivalsBy(t: Ms, {from, to, lengthMs}: Line): number {
  return (t / 1000) * (from + (lengthMs === 0 ? 0 : ((to - from) * t) / (2 * lengthMs)))
}

/** The time in the stretch at which `n` arrivals (fractions allowed) have come: the exact inverse of arrivalsBy. */
export function timeOf(n: number, {from, to, lengthMs}: Line): Ms {
  if (n <= 0) return 0
  const bend = lengthMs === 0 ? 0 : (to - from) / (2 * (lengthMs / 1000))
  // Rounding can push the root of a rate that ends at 0 just below 0.
  const root = Math.sqrt(Math.max(0, from ** 2 + 4 * bend * n))
  return Math.min(lengthMs, (1000 * 2 * n) / (from + root))
}

/** How many whole arrivals come before `arrivals`: the first is due at 0. Sums of fractions miss whole numbers by a hair, so a millionth is forgiven. */
export function wholeArrivals(arrivals: number): number {
  const nearest = Math.round(arrivals)
  return Math.abs(arrivals - nearest) < 1e-6 ? nearest : Math.ceil(arrivals)
}
