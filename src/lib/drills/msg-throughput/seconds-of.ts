/** How long each phase lasted in all, in seconds; a phase may come more than once. */
import type {Phase} from '../../metrics/metric.js'

export function secondsOf(phases: readonly Phase[]): Map<string, number> {
  const seconds = new Map<string, number>()
  for (const {name, startMs, endMs} of phases) seconds.set(name, (seconds.get(name) ?? 0) + (endMs - startMs) / 1000)
  return seconds
}
