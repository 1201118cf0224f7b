/** Of what was found for several bindings of a query, what must be told. */
import type {Sameness} from './check-answer.js'

const FROM_WORST: readonly Sameness[] = ['changed', 'unknown', 'open', 'same']

export function worstOf(...found: readonly Sameness[]): Sameness {
  return FROM_WORST.find((sameness) => found.includes(sameness)) ?? 'unknown'
}
