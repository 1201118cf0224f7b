/** A rate that goes from stage to stage: each ramps linearly from the last target to its own, so that equal neighbours are steady. */
import type {Ms, PerSecond} from '../base/units.js'
import {arrivalsIn, timeOf, wholeArrivals, type Line} from './linear.js'
import {mustNotBeNegative, scheduleOf, type Schedule} from './schedule.js'

export interface Stage {
  /** A stage of length 0 jumps to its target. */
  readonly lengthMs: Ms
  /** The rate at the stage's end, per second. */
  readonly target: PerSecond
}

/** A stage, with what came before it. */
interface Segment {
  readonly line: Line
  readonly startMs: Ms
  /** Arrivals before it, with their fraction: spacing goes on evenly from one stage into the next. */
  readonly arrivalsBefore: number
  /** Its own arrivals are numbered from `first` up to, and without, `end`. */
  readonly first: number
  readonly end: number
}

/** Arrival n is due when the rate's integral from the start has reached n. */
export function stages(list: readonly Stage[], startRate: PerSecond): Schedule {
  const segments = segmentsOf(list, startRate)
  return scheduleOf(function* () {
    for (const {line, startMs, arrivalsBefore, first, end} of segments) {
      for (let n = first; n < end; n++) yield startMs + timeOf(n - arrivalsBefore, line)
    }
  })
}

/** How many arrivals the stages have. */
export function countOfStages(list: readonly Stage[], startRate: PerSecond): number {
  return segmentsOf(list, startRate).at(-1)?.end ?? 0
}

function segmentsOf(list: readonly Stage[], startRate: PerSecond): Segment[] {
  mustNotBeNegative({startRate})
  let [startMs, from, arrivalsBefore] = [0, startRate, 0]
  return list.map(({lengthMs, target}) => {
    mustNotBeNegative({lengthMs, target})
    const line = {from, to: target, lengthMs}
    const arrivalsAfter = arrivalsBefore + arrivalsIn(line)
    const first = wholeArrivals(arrivalsBefore)
    const segment = {line, startMs, arrivalsBefore, first, end: wholeArrivals(arrivalsAfter)}
    ;[startMs, from, arrivalsBefore] = [startMs + lengthMs, target, arrivalsAfter]
    return segment
  })
}
