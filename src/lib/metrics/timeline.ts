/** Which phase a moment belongs to; phases follow each other and never overlap. */
import type {Phase} from './metric.js'

export interface PhaseStart {
  readonly name: string
  /** On the clock of the run. */
  readonly startMs: number
}

/** Phases are added as they become known; looking one up costs two comparisons while time stays within a phase. */
export class Timeline {
  readonly #starts: PhaseStart[] = []
  #current = 0

  /** Adds a phase; it begins where the one before ends. Throws a RangeError when it would begin before that one. */
  begin(name: string, startMs: number): void {
    const last = this.#starts.at(-1)
    if (last && startMs < last.startMs) throw new RangeError(`phase ${name} would begin before ${last.name}`)
    this.#starts.push({name, startMs})
  }

  /** Name of the phase in which `atMs` lies; what is before the first belongs to the first. */
  at(atMs: number): string {
    while (this.#current > 0 && atMs < (this.#starts[this.#current]?.startMs ?? 0)) this.#current--
    while (atMs >= (this.#starts[this.#current + 1]?.startMs ?? Infinity)) this.#current++
    return this.#starts[this.#current]?.name ?? ''
  }

  /** The phases as they were, relative to `originMs`; the last one ends at `endMs`. */
  phases(originMs: number, endMs: number): Phase[] {
    return this.#starts.map(({name, startMs}, index) => ({
      name,
      startMs: startMs - originMs,
      endMs: (this.#starts[index + 1]?.startMs ?? endMs) - originMs,
    }))
  }
}
