/** Arrivals that know nothing of each other, as users of a public service: exponential gaps around a mean rate. */
import {exponential, type Random} from '../base/random.js'
import type {Ms, PerSecond} from '../base/units.js'
import {mustNotBeNegative, scheduleOf, type Schedule} from './schedule.js'

/** About `rate` arrivals a second until `length`; how many is chance, but the same chance for the same random. */
export function poisson(rate: PerSecond, length: Ms, random: Random): Schedule {
  mustNotBeNegative({rate, length})
  return scheduleOf(function* () {
    if (rate === 0) return
    const gaps = random.fork('poisson')
    const meanGap = 1000 / rate
    for (let due = exponential(meanGap, gaps); due < length; due += exponential(meanGap, gaps)) yield due
  })
}
