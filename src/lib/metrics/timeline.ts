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

  /** When the newest phase begins; no other can begin before it. */
  get newestMs(): number {
    return this.#starts.at(-1)?.startMs ?? 0
  }

  /** Name of the phase in which `atMs` lies; what is before the first belongs to the first. */
  at(atMs: number): string {
    while (this.#current > 0 && atMs < (this.#starts[this.#current]?.startMs ?? 0)) this.#current--
    while (atMs >= (this.#starts[this.#current + 1]?.startMs ?? Infinity)) this.#current++
    return this.#starts[this.#current]?.name ?? ''
  }

  /** The phases as they were, relative to `originMs`; the last one ends at `endMs`. One of no length is told when it is the only one of its name. */
  phases(originMs: number, endMs: number): Phase[] {
    const phases = this.#starts.map(({name, startMs}, index) => ({
      name,
      startMs: startMs - originMs,
      endMs: (this.#starts[index + 1]?.startMs ?? endMs) - originMs,
    }))
    const lasted = new Set(phases.filter(hasLength).map(({name}) => name))
    return phases.filter((phase) => hasLength(phase) || !lasted.has(phase.name))
  }
}

function hasLength({startMs, endMs}: Phase): boolean {
  return endMs > startMs
}
