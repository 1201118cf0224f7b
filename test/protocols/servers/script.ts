/** What a chat server of these tests does wrong, counted over all its nodes; a good one does nothing wrong. */

export type Treatment = 'deliver' | 'refuse' | 'lose' | 'repeat'

export interface Faults {
  /** Joins that are refused, counted from 1; the flood's first look at the nodes joins too. */
  readonly refusedJoins: (nth: number) => boolean
  /** What becomes of a message, counted from 1. */
  readonly treatment: (nth: number) => Treatment
}

export const GOOD: Faults = {refusedJoins: () => false, treatment: () => 'deliver'}
export const CLOSED: Faults = {...GOOD, refusedJoins: () => true}
/** The eighth user is not let in; of the messages one is refused, two are lost for all, one comes twice. */
export const BROKEN: Faults = {
  refusedJoins: (nth) => nth === 8,
  treatment: (nth) => (({10: 'refuse', 20: 'lose', 30: 'lose', 40: 'repeat'}) as const)[nth] ?? 'deliver',
}

export class Script {
  accepted = 0
  refused = 0
  #joins = 0
  #messages = 0
  readonly #faults: Faults

  constructor(faults: Faults) {
    this.#faults = faults
  }

  /** Whether the next one is let in. */
  admits(): boolean {
    return !this.#faults.refusedJoins(++this.#joins)
  }

  /** How often the next message is handed to its room; undefined when it is turned down. */
  copies(): number | undefined {
    const treatment = this.#faults.treatment(++this.#messages)
    if (treatment === 'refuse') {
      this.refused++
      return undefined
    }
    this.accepted++
    return {deliver: 1, lose: 0, repeat: 2}[treatment]
  }
}
