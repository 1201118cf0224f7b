/** One sorted set: its order by score and then by bytes, and the bounds by which parts of it are named. */
import {float} from '../numbers.js'
import {ReplyError} from '../value.js'

export interface Member {
  readonly member: string
  readonly score: number
}

/** Sorted once, until the set changes. */
const orders = new WeakMap<ReadonlyMap<string, number>, readonly Member[]>()

/** All members, lowest first. */
export function ordered(set: ReadonlyMap<string, number>): readonly Member[] {
  let order = orders.get(set)
  if (order === undefined) {
    order = [...set].map(([member, score]) => ({member, score})).sort(compare)
    orders.set(set, order)
  }
  return order
}

/** To be called by whoever changes a set. */
export function changed(set: ReadonlyMap<string, number>): void {
  orders.delete(set)
}

function compare(left: Member, right: Member): number {
  if (left.score !== right.score) return left.score < right.score ? -1 : 1
  if (left.member === right.member) return 0
  return left.member < right.member ? -1 : 1
}

export type Within = (member: Member) => boolean

/** `1.5`, `(1.5`, `-inf`. */
export function withinScores(low: string, high: string): Within {
  const [from, fromOpen] = scoreBound(low)
  const [to, toOpen] = scoreBound(high)
  return ({score}) => (fromOpen ? score > from : score >= from) && (toOpen ? score < to : score <= to)
}

function scoreBound(text: string): [bound: number, open: boolean] {
  const open = text.startsWith('(')
  return [float(open ? text.slice(1) : text, 'ERR min or max is not a float'), open]
}

/** `[a`, `(a`, `-`, `+`. */
export function withinBytes(low: string, high: string): Within {
  const above = byteBound(low)
  const below = byteBound(high)
  return ({member}) => above(member) >= 0 && below(member) <= 0
}

/** Where a member stands to a bound: below (-1), on it and inside (0), above (1); an open bound counts as outside. */
function byteBound(text: string): (member: string) => number {
  if (text === '-') return () => 1
  if (text === '+') return () => -1
  const bound = text.slice(1)
  if (text.startsWith('[')) return (member) => order(member, bound)
  if (text.startsWith('(')) return (member) => (member === bound ? Number.NaN : order(member, bound))
  throw new ReplyError('ERR min or max not valid string range item')
}

function order(left: string, right: string): number {
  if (left === right) return 0
  return left < right ? -1 : 1
}
