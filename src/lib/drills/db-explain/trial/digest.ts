/** An answer brought down to one number a row, so that two of them can be compared without keeping both. */
import type {RawRows} from '../../../protocols/postgres/session.js'

export interface Digest {
  readonly rows: Float64Array
  /** Of the last columns alone, those that the query sorts by; empty where there are none. */
  readonly keys: Float64Array
}

/** Sums of floats depend on the order in which they were added up, so that only so many digits are part of an answer. */
const DIGITS = 12
const FLOAT = /^-?\d+\.\d{9,}(e[+-]?\d+)?$|^-?\d+(\.\d+)?e[+-]?\d+$/i
/** Neither stands in any text of Postgres. */
const [NULL, END] = ['\u0000', '\u0001']

export function digestOf({rows}: RawRows, keys: number): Digest {
  const hashes = Float64Array.from(rows, (row) => hashOf(row.slice(0, row.length - keys)))
  const sorted = keys === 0 ? [] : rows
  return {rows: hashes, keys: Float64Array.from(sorted, (row) => hashOf(row.slice(row.length - keys)))}
}

function hashOf(values: readonly (string | null)[]): number {
  return hash53(values.map((value) => (value === null ? NULL : rounded(value)) + END).join(''))
}

function rounded(value: string): string {
  return value.length > DIGITS && FLOAT.test(value) ? Number(value).toPrecision(DIGITS) : value
}

/** 53 bits. Source: cyrb53 by bryc, public domain (https://github.com/bryc/code/blob/master/jshash/experimental/cyrb53.js). */
function hash53(text: string): number {
  let [high, low] = [0xdeadbeef, 0x41c6ce57]
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    high = Math.imul(high ^ unit, 2654435761)
    low = Math.imul(low ^ unit, 1597334677)
  }
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909)
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909)
  return 2 ** 32 * ((2 ** 21 - 1) & low) + (high >>> 0)
}
