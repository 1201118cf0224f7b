/** Lets callers through one by one, evenly, at a rate. */
import type {Clock} from '../../base/clock.js'
import type {Ms, PerSecond} from '../../base/units.js'

/** A function that resolves when it is the caller's turn; it rejects when `signal` aborts. Turns that nobody took are not made up for. */
export function pacer(rate: PerSecond, clock: Clock, signal?: AbortSignal): () => Promise<void> {
  const gap: Ms = 1000 / rate
  let next: Ms = -Infinity
  return async () => {
    const now = clock.now()
    const due = Math.max(now, next)
    next = due + gap
    if (due > now) await clock.sleep(due - now, signal)
    signal?.throwIfAborted()
  }
}
