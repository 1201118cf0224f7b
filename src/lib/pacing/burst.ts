/** Many arrivals at once, again and again. */
import type {Ms} from '../base/units.js'
import {mustNotBeNegative, scheduleOf, type Schedule} from './schedule.js'

/** `size` arrivals due together at 0, `everyMs`, 2 · `everyMs`, …, as long as that is before `length`. */
export function burst(size: number, everyMs: Ms, length: Ms): Schedule {
  const count = countOfBurst(size, everyMs, length)
  return scheduleOf(function* () {
    for (let n = 0; n < count; n++) yield Math.floor(n / size) * everyMs
  })
}

/** How many arrivals the bursts have together. */
export function countOfBurst(size: number, everyMs: Ms, length: Ms): number {
  mustNotBeNegative({size, everyMs, length})
  if (everyMs === 0) throw new RangeError('bursts must be some time apart')
  const bursts = Math.ceil(length / everyMs)
  // A quotient that was rounded up would put a burst at the end, which is no longer part of it.
  return size * (bursts > 0 && (bursts - 1) * everyMs >= length ? bursts - 1 : bursts)
}
