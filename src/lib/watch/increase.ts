/** Turns counters that only grow into what they grew by in each second. */
import type {Clock} from '../base/clock.js'
import type {Ms, PerSecond} from '../base/units.js'

interface Reading {
  readonly atMs: Ms
  readonly value: number
}

export class Increases {
  readonly #last = new Map<string, Reading>()

  constructor(private readonly clock: Clock) {}

  /** The growth per second since the last look; undefined at the first look, and after a counter began anew. */
  perSecond(counter: string, value: number | undefined): PerSecond | undefined {
    if (value === undefined || !Number.isFinite(value)) return undefined
    const now = this.clock.now()
    const last = this.#last.get(counter)
    this.#last.set(counter, {atMs: now, value})
    if (last === undefined || value < last.value || now <= last.atMs) return undefined
    return ((value - last.value) / (now - last.atMs)) * 1000
  }
}
