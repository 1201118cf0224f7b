/** A schedule described in plain JSON, as plans hold it and workers are sent it. */
import type {Random} from '../base/random.js'
import type {Ms, PerSecond} from '../base/units.js'
import {burst, countOfBurst} from './burst.js'
import {poisson} from './poisson.js'
import {countOfRamp, ramp} from './ramp.js'
import type {Schedule} from './schedule.js'
import {countOfStages, stages, type Stage} from './stages.js'
import {countOf, steady} from './steady.js'

export type Pace =
  | {readonly kind: 'steady'; readonly rate: PerSecond; readonly lengthMs: Ms}
  | {readonly kind: 'ramp'; readonly from: PerSecond; readonly to: PerSecond; readonly lengthMs: Ms}
  | {readonly kind: 'stages'; readonly stages: readonly Stage[]; readonly startRate: PerSecond}
  | {readonly kind: 'poisson'; readonly rate: PerSecond; readonly lengthMs: Ms}
  | {readonly kind: 'burst'; readonly size: number; readonly everyMs: Ms; readonly lengthMs: Ms}

/** The schedule of a pace; every process that hands in the same random gets the same arrivals. */
export function scheduleFrom(pace: Pace, random: Random): Schedule {
  switch (pace.kind) {
    case 'steady':
      return steady(pace.rate, pace.lengthMs)
    case 'ramp':
      return ramp(pace.from, pace.to, pace.lengthMs)
    case 'stages':
      return stages(pace.stages, pace.startRate)
    case 'poisson':
      return poisson(pace.rate, pace.lengthMs, random)
    case 'burst':
      return burst(pace.size, pace.everyMs, pace.lengthMs)
  }
}

/** How many arrivals a pace has, without walking it; undefined where chance decides. */
export function countOfPace(pace: Pace): number | undefined {
  switch (pace.kind) {
    case 'steady':
      return countOf(pace.rate, pace.lengthMs)
    case 'ramp':
      return countOfRamp(pace.from, pace.to, pace.lengthMs)
    case 'stages':
      return countOfStages(pace.stages, pace.startRate)
    case 'burst':
      return countOfBurst(pace.size, pace.everyMs, pace.lengthMs)
    case 'poisson':
      return undefined
  }
}
