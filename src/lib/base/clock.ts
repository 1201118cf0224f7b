/** Time, handed in: the host's monotonic clock for runs, a leaping one for tests. */
import type {Ms} from './units.js'

export interface Clock {
  /** Monotonic milliseconds with fractions; the same origin in every process of this host. */
  now(): Ms
  /** Resolves after `length`, or at once when `signal` aborts (it never rejects). */
  sleep(length: Ms, signal?: AbortSignal): Promise<void>
  /** Civil time, for reports only. */
  date(): Date
}
