/**
 * Whether two answers are both right, or cannot both be. A query leaves open what it does not say:
 *
 *   no ORDER BY             the order of its rows
 *   ORDER BY, equal keys    the order of those that share a key
 *   … with LIMIT            which of those that share the last key (with OFFSET the first one too) are in it
 *   LIMIT, no ORDER BY      which rows they are; only their number is certain
 */
import type {Digest} from './digest.js'

export interface Openness {
  /** Keys were appended to the rows, so that their order can be checked. */
  readonly ordered: boolean
  /** It has a LIMIT, or FETCH FIRST, or an OFFSET. */
  readonly cut: boolean
}

export function agree(left: Digest, right: Digest, {ordered, cut}: Openness): boolean {
  if (left.rows.length !== right.rows.length) return false
  if (!ordered) return cut || sameSet(left.rows, right.rows)
  if (left.keys.length !== left.rows.length) return sameSet(left.rows, right.rows)
  if (!sameSequence(left.keys, right.keys)) return false
  return [...runsOf(left.keys)].every(([start, end]) => {
    const atEdge = cut && (start === 0 || end === left.rows.length)
    return atEdge || sameSet(left.rows.subarray(start, end), right.rows.subarray(start, end))
  })
}

export function sameSequence(left: Float64Array, right: Float64Array): boolean {
  return left.length === right.length && left.every((value, place) => value === right[place])
}

function sameSet(left: Float64Array, right: Float64Array): boolean {
  return sameSequence(left.toSorted(), right.toSorted())
}

/** From and to (not included) of each stretch that shares a key. */
function* runsOf(keys: Float64Array): Iterable<readonly [number, number]> {
  for (let start = 0, end = 1; start < keys.length; start = end++) {
    while (end < keys.length && keys[end] === keys[start]) end++
    yield [start, end]
  }
}
