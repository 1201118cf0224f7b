/** The same rate throughout: arrivals evenly spaced, the first at 0. */
import type {Ms, PerSecond} from '../base/units.js'
import {wholeArrivals} from './linear.js'
import {mustNotBeNegative, scheduleOf, type Schedule} from './schedule.js'

/** Arrival n is due at n / rate, as long as that is before `length`. */
export function steady(rate: PerSecond, length: Ms): Schedule {
  const count = countOf(rate, length)
  return scheduleOf(function* () {
    // Divided anew for each, as adding up a gap would drift.
    for (let n = 0; n < count; n++) yield (n * 1000) / rate
  })
}

/** How many arrivals a steady schedule has. */
export function countOf(rate: PerSecond, length: Ms): number {
  mustNotBeNegative({rate, length})
  return wholeArrivals(rate * (length / 1000))
}
