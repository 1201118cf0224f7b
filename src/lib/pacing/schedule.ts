/** When work is due, as data: offsets in milliseconds from the start, ascending; several may be equal. */
import type {Ms} from '../base/units.js'

/** Can be walked as often as one likes, and yields the same each time; nothing is held in memory. */
export type Schedule = Iterable<Ms>

/** A schedule that starts afresh each time it is walked. */
export function scheduleOf(arrivals: () => Iterator<Ms>): Schedule {
  return {[Symbol.iterator]: arrivals}
}

/** A bug of ours when it throws: what users type is checked before it gets here. */
export function mustNotBeNegative(numbers: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(numbers)) {
    if (!(value >= 0 && value < Infinity)) throw new RangeError(`${name} must be zero or more, got ${value}`)
  }
}
