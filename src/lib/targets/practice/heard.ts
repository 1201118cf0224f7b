/** Which messages came through this node lately, so that none is pushed twice, and since when the record has no gap. */
import type {Clock} from '../../base/clock.js'
import type {Ms} from '../../base/units.js'

/** The record covers the last 10 to 20 s in which something was heard; an outage that silences the node ages nothing. */
const GENERATION_MS: Ms = 10_000
/** Ids in one generation; bounds the memory at very high rates. */
const GENERATION_SIZE = 500_000

/** Ids are kept in two generations: a young one that grows, and the one before it. */
export class Heard {
  #young = new Set<number>()
  #old = new Set<number>()
  #bornAt: Ms
  #newest = 0
  /** The newest id at the birth of either generation. */
  #beforeYoung = 0
  #beforeOld = 0

  constructor(private readonly clock: Clock) {
    this.#bornAt = clock.now()
  }

  /** The highest id that came through. */
  get newest(): number {
    return this.#newest
  }

  /** Every message above this id that came through is still known. */
  get mark(): number {
    return this.#beforeOld
  }

  /** Takes note of a message; false when it came through before. */
  note(id: number): boolean {
    if (this.#young.has(id) || this.#old.has(id)) return false
    this.#young.add(id)
    if (id > this.#newest) this.#newest = id
    return true
  }

  /** Known ids above `mark`, in no order. */
  known(mark: number): number[] {
    return [...this.#old, ...this.#young].filter((id) => id > mark)
  }

  /** Lets go of what is too old; never called while the history is compared with the record. */
  age(): void {
    const now = this.clock.now()
    if (now - this.#bornAt < GENERATION_MS && this.#young.size < GENERATION_SIZE) return
    this.#old = this.#young
    this.#young = new Set()
    this.#bornAt = now
    this.#beforeOld = this.#beforeYoung
    this.#beforeYoung = this.#newest
  }
}
