/** A rate that rises or falls linearly: one stage on its own. */
import type {Ms, PerSecond} from '../base/units.js'
import type {Schedule} from './schedule.js'
import {countOfStages, stages} from './stages.js'

/** Arrival n is due when the rate's integral has reached n; the formula stands in linear.ts. */
export function ramp(from: PerSecond, to: PerSecond, length: Ms): Schedule {
  return stages([{lengthMs: length, target: to}], from)
}

/** How many arrivals a ramp has. */
export function countOfRamp(from: PerSecond, to: PerSecond, length: Ms): number {
  return countOfStages([{lengthMs: length, target: to}], from)
}
