/** What one watcher has seen so far: a column of figures for each resource, and why figures are missing. */
import type {Ms} from '../base/units.js'
import type {WatchedResource, WatchedSystem, WatchFailure} from './facts.js'
import {unitOfResource, type Sample} from './resource.js'
import {placeOf, type WatchSpec} from './spec.js'

/** Of so many different reasons the counts are kept; the rest is summed up. */
const MOST_REASONS = 10
const OTHER_REASONS = 'other reasons'

interface Column {
  readonly atMs: Ms[]
  readonly values: number[]
}

type Failure = {-readonly [Key in keyof WatchFailure]: WatchFailure[Key]}

/** Memory: 16 bytes for each figure, a few hundred for each system and minute. */
export class WatchBook {
  readonly #columns = new Map<string, Column>()
  readonly #failures = new Map<string, Failure>()
  #looks = 0
  #skipped = 0

  constructor(private readonly spec: WatchSpec) {}

  /** `atMs`: when the look was due, on the host's clock. */
  enter(sample: Sample, atMs: Ms): void {
    this.#looks += 1
    for (const [resource, value] of Object.entries(sample)) {
      const column = this.#columns.get(resource) ?? {atMs: [], values: []}
      this.#columns.set(resource, column)
      column.atMs.push(atMs)
      column.values.push(value)
    }
  }

  skip(): void {
    this.#skipped += 1
  }

  fail(reason: string, atMs: Ms): void {
    const why = this.#failures.has(reason) || this.#failures.size < MOST_REASONS ? reason : OTHER_REASONS
    const known = this.#failures.get(why)
    if (known === undefined) this.#failures.set(why, {why, count: 1, firstAtMs: atMs, lastAtMs: atMs})
    else Object.assign(known, {count: known.count + 1, lastAtMs: atMs})
  }

  /** From `originMs`, the run's start, to `endMs`; of two looks in one second the later one counts. */
  facts(originMs: Ms, endMs: Ms): WatchedSystem {
    const {name, kind} = this.spec
    const length = Math.max(0, Math.ceil((endMs - originMs) / 1000))
    const columns = [...this.#columns].map(([resource, column]) => [
      resource,
      asSeconds(resource, column, {originMs, length}),
    ])
    return {
      name,
      kind,
      place: placeOf(this.spec),
      resources: Object.fromEntries(columns) as Record<string, WatchedResource>,
      looks: this.#looks,
      skipped: this.#skipped,
      failures: [...this.#failures.values()].map((failure) => ({
        ...failure,
        firstAtMs: failure.firstAtMs - originMs,
        lastAtMs: failure.lastAtMs - originMs,
      })),
    }
  }
}

function asSeconds(
  resource: string,
  {atMs, values}: Column,
  {originMs, length}: {readonly originMs: Ms; readonly length: number},
): WatchedResource {
  const seconds = new Array<number | null>(length).fill(null)
  for (const [index, at] of atMs.entries()) {
    const second = Math.floor((at - originMs) / 1000)
    if (second >= 0 && second < length) seconds[second] = values[index] ?? null
  }
  return {unit: unitOfResource(resource), values: seconds}
}
