/** A user on its way into its room, and the wait until all that are on their way are decided. */
import type {Ms} from '../base/units.js'

export interface Attempt {
  /** When it was first due, whatever number of tries it takes. */
  readonly dueMs: Ms
  /** When this try began. */
  readonly triedMs: Ms
  /** Tries before this one. */
  readonly tries: number
  /** It was in its room before. */
  readonly again: boolean
}

/** Users to be opened, by their place in the order. */
export interface Dialling {
  readonly users: number
  readonly userAt: (n: number) => number
}

/** Counts down to the last decision. */
export class Undecided {
  #left = 0
  #resolve: () => void = () => undefined

  /** Resolves when so many were decided from now on. */
  wait(users: number): Promise<void> {
    this.#left = users
    return new Promise((resolve) => (this.#resolve = resolve))
  }

  decide(): void {
    if (--this.#left === 0) this.#resolve()
  }
}
