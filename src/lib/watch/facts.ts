/** What watching brings home: plain data, one figure a second for each resource of each system. */
import type {Ms} from '../base/units.js'
import type {Unit} from '../metrics/metric.js'
import type {WatchKind} from './spec.js'

/** Index 0 is the first second of the run; null where there is no figure. */
export type Seconds = readonly (number | null)[]

export interface WatchedResource {
  readonly unit: Unit
  readonly values: Seconds
}

export interface WatchFailure {
  readonly why: string
  readonly count: number
  /** From the run's start; negative before it. */
  readonly firstAtMs: Ms
  readonly lastAtMs: Ms
}

export interface WatchedSystem {
  readonly name: string
  readonly kind: WatchKind
  /** Without secrets. */
  readonly place: string
  readonly resources: Readonly<Record<string, WatchedResource>>
  /** Looks that brought figures. */
  readonly looks: number
  /** Looks left out because the one before had not been answered. */
  readonly skipped: number
  readonly failures: readonly WatchFailure[]
}

export interface WatchFacts {
  readonly systems: readonly WatchedSystem[]
}
