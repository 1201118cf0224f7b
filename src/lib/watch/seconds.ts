/** The seconds of a series that belong to a phase. */
import type {Phase} from '../metrics/metric.js'
import type {Seconds} from './facts.js'

/** The figures of those that have one. A second belongs to the phase in which it begins. */
export function figuresOf(phase: Phase, values: Seconds): number[] {
  return values.slice(...rangeOf(phase)).filter((value) => value !== null)
}

/** False for a phase that is over before a second begins in it. */
export function hasSeconds(phase: Phase): boolean {
  const [start, end] = rangeOf(phase)
  return end > start
}

function rangeOf({startMs, endMs}: Phase): [start: number, end: number] {
  return [Math.max(0, Math.ceil(startMs / 1000)), Math.max(0, Math.ceil(endMs / 1000))]
}
