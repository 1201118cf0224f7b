/** Reads and writes numbers as Redis does: 64-bit integers, floats, scores. */
import {ReplyError} from './value.js'

const INTEGER = /^-?(0|[1-9]\d{0,18})$/
const FLOAT = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i
const LOWEST = -(2n ** 63n)
const HIGHEST = 2n ** 63n - 1n

const NOT_INTEGER = 'ERR value is not an integer or out of range'

/** @throws ReplyError when the text is not a 64-bit integer */
export function bigInteger(text: string): bigint {
  const value = INTEGER.test(text) ? BigInt(text) : HIGHEST + 1n
  if (value < LOWEST || value > HIGHEST) throw new ReplyError(NOT_INTEGER)
  return value
}

/** For indexes, counts and times, which stay far below 2^53. */
export function integer(text: string): number {
  return Number(bigInteger(text))
}

/** @throws ReplyError when the sum does not fit in 64 bits */
export function sum(left: bigint, right: bigint): bigint {
  const total = left + right
  if (total < LOWEST || total > HIGHEST) throw new ReplyError('ERR increment or decrement would overflow')
  return total
}

/** A float, or an infinity as `inf`, `+inf`, `-inf`. */
export function float(text: string, why = 'ERR value is not a valid float'): number {
  const infinite = /^([+-]?)inf(inity)?$/i.exec(text)
  if (infinite !== null) return infinite[1] === '-' ? -Infinity : Infinity
  if (!FLOAT.test(text)) throw new ReplyError(why)
  return Number(text)
}

/** Redis adds in extended precision; 15 digits take away what binary doubles add to 0.1 + 0.2. */
export function floatSum(left: number, right: number): string {
  const total = left + right
  if (!Number.isFinite(total)) throw new ReplyError('ERR increment would produce NaN or Infinity')
  return String(Number(total.toPrecision(15)))
}

/** A score as text: the shortest digits that read back as the same number. */
export function scoreText(score: number): string {
  if (Number.isFinite(score)) return String(score)
  return score > 0 ? 'inf' : '-inf'
}

/** Turns Redis' start and stop (negative: from the end, stop inclusive) into the arguments of `slice`. */
export function range(length: number, start: string, stop: string): [from: number, until: number] {
  const first = integer(start)
  const last = integer(stop)
  const from = Math.max(0, first < 0 ? length + first : first)
  const until = Math.max(0, (last < 0 ? length + last : last) + 1)
  return [from, Math.max(from, until)]
}
