/** The part of a schedule that one worker carries. */
import type {Ms} from '../base/units.js'
import type {Schedule} from './schedule.js'

/** One due moment; `n` counts from 0 over the whole schedule, whoever carries it. */
export interface Arrival {
  readonly n: number
  readonly due: Ms
}

/** The arrivals whose number belongs to the worker, with their numbers kept. */
export function share(schedule: Schedule, belongs: (n: number) => boolean): Iterable<Arrival> {
  return {
    *[Symbol.iterator]() {
      let n = 0
      for (const due of schedule) {
        if (belongs(n)) yield {n, due}
        n++
      }
    },
  }
}
