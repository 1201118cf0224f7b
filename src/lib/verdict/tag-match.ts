/** Picks slices by a threshold's tags, and makes one threshold for each value that `{tag=*}` met. */
import type {Tags} from '../metrics/metric.js'
import {EACH, type Threshold} from './threshold.js'

interface Tagged {
  readonly tags: Tags
}

/** True when the slice carries every wanted tag with the wanted value; `*` takes any value. */
export function carries(slice: Tagged, wanted: Tags): boolean {
  return Object.entries(wanted).every(
    ([name, value]) => slice.tags[name] !== undefined && agrees(slice.tags[name], value),
  )
}

/** True when no tag of the slice speaks against it: what carries no such tag was meant for all its values. */
export function admits(slice: Tagged, wanted: Tags): boolean {
  return Object.entries(wanted).every(
    ([name, value]) => slice.tags[name] === undefined || agrees(slice.tags[name], value),
  )
}

/** One threshold for each combination of values that the `*` tags have among the slices; the threshold itself when there is none. */
export function eachOf(threshold: Threshold, slices: readonly Tagged[]): Threshold[] {
  const names = Object.keys(threshold.tags).filter((name) => threshold.tags[name] === EACH)
  if (names.length === 0) return [threshold]
  const met = new Map<string, Tags>()
  for (const {tags} of slices.filter((slice) => carries(slice, threshold.tags))) {
    const values = names.map((name) => [name, tags[name] ?? ''] as const)
    met.set(JSON.stringify(values), Object.fromEntries(values))
  }
  if (met.size === 0) return [threshold]
  const inOrder = [...met].sort(([left], [right]) => (left < right ? -1 : 1))
  return inOrder.map(([, values]) => ({...threshold, tags: {...threshold.tags, ...values}}))
}

function agrees(value: string, wanted: string): boolean {
  return wanted === EACH || value === wanted
}
