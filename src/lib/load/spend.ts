/** Spends a schedule: each arrival is acted on when it is due, never before, and late ones at once. */
import {setImmediate} from 'node:timers/promises'
import type {Clock} from '../base/clock.js'
import type {Ms} from '../base/units.js'
import type {Arrival} from '../pacing/share.js'

/** While it is behind, it lets answers in at least this often. */
const LONGEST_STRETCH: Ms = 4

export interface Spending {
  readonly clock: Clock
  readonly signal: AbortSignal
  /** Moment of offset 0 on the clock. */
  readonly startAtMs: Ms
  /** Called once an arrival; `dueMs` is on the clock. */
  act(n: number, dueMs: Ms): void
}

/** Resolves when the last arrival was acted on, or soon after the signal aborts. */
export async function spend(arrivals: Iterable<Arrival>, spending: Spending): Promise<void> {
  const {clock, signal, startAtMs} = spending
  let rested = clock.now()
  for (const {n, due} of arrivals) {
    const dueMs = startAtMs + due
    for (let now = clock.now(); !signal.aborted && (now < dueMs || now - rested > LONGEST_STRETCH); now = clock.now()) {
      await (now < dueMs ? clock.reach(dueMs, signal) : setImmediate())
      rested = clock.now()
    }
    if (signal.aborted) return
    spending.act(n, dueMs)
  }
}
