/** Seeded random numbers: the same seed makes the same choices, whatever runs beside it. */

export interface Random {
  /** A float in [0, 1). */
  next(): number
  /** A whole number in [0, below). */
  below(below: number): number
  /** An independent stream for a named purpose; the same label yields the same stream. */
  fork(label: string): Random
}
