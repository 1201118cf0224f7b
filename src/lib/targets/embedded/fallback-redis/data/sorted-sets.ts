/** Sorted sets: adding with conditions, ranks, scores, pops. All our own: ioredis-mock reads scores as whole numbers. */
import {float, integer, scoreText} from '../numbers.js'
import type {Store} from '../store.js'
import {ReplyError, SYNTAX, type Value} from '../value.js'
import {at, type Handler, type Handlers} from './handler.js'
import {scanned, scanOptions} from './scanning.js'
import {changed, ordered} from './sorted-set.js'

export type SortedSet = Map<string, number>

/** The set at `key`, an empty one when there is none. */
export function sortedSet(store: Store, key: string): SortedSet {
  return (store.get(key) as SortedSet | undefined) ?? new Map<string, number>()
}

function save(store: Store, key: string, set: SortedSet): void {
  changed(set)
  store.set(key, set)
}

/** Answers how many were there. */
export function removeMembers(store: Store, key: string, members: readonly string[]): number {
  const set = sortedSet(store, key)
  const removed = members.filter((member) => set.delete(member)).length
  if (removed > 0) save(store, key, set)
  return removed
}

const FLAGS = new Set(['NX', 'XX', 'GT', 'LT', 'CH', 'INCR'])

interface Adding {
  readonly flags: ReadonlySet<string>
  readonly pairs: readonly (readonly [member: string, score: number])[]
}

function adding(words: readonly string[]): Adding {
  const first = words.findIndex((word) => !FLAGS.has(word.toUpperCase()))
  const rest = first < 0 ? [] : words.slice(first)
  const flags = new Set(words.slice(0, words.length - rest.length).map((word) => word.toUpperCase()))
  if (rest.length === 0 || rest.length % 2 !== 0) throw new ReplyError(SYNTAX)
  if (flags.has('NX') && flags.has('XX')) {
    throw new ReplyError('ERR XX and NX options at the same time are not compatible')
  }
  if (['GT', 'LT', 'NX'].filter((flag) => flags.has(flag)).length > 1) {
    throw new ReplyError('ERR GT, LT, and/or NX options at the same time are not compatible')
  }
  if (flags.has('INCR') && rest.length > 2) {
    throw new ReplyError('ERR INCR option supports a single increment-element pair')
  }
  const pairs = Array.from({length: rest.length / 2}, (_, n) => [at(rest, 2 * n + 1), float(at(rest, 2 * n))] as const)
  return {flags, pairs}
}

/** Whether the flags let a member go from one score (undefined: not there) to another. */
function admits(flags: ReadonlySet<string>, before: number | undefined, after: number): boolean {
  if (before === undefined) return !flags.has('XX')
  if (flags.has('NX')) return false
  return !(flags.has('GT') && after <= before) && !(flags.has('LT') && after >= before)
}

function zadd(store: Store, args: readonly string[]): Value {
  const {flags, pairs} = adding(args.slice(1))
  const set = sortedSet(store, at(args, 0))
  let [added, moved] = [0, 0]
  let answer: string | null = null
  for (const [member, score] of pairs) {
    const before = set.get(member)
    const after = flags.has('INCR') ? plus(before ?? 0, score) : score
    if (!admits(flags, before, after)) continue
    set.set(member, after)
    answer = scoreText(after)
    if (before === undefined) added += 1
    else if (before !== after) moved += 1
  }
  if (added + moved > 0) save(store, at(args, 0), set)
  if (flags.has('INCR')) return answer
  return flags.has('CH') ? added + moved : added
}

function plus(score: number, by: number): number {
  if (Number.isNaN(score + by)) throw new ReplyError('ERR resulting score is not a number (NaN)')
  return score + by
}

function rank(reverse: boolean): Handler {
  return (store, args) => {
    const members = ordered(sortedSet(store, at(args, 0)))
    const place = members.findIndex(({member}) => member === at(args, 1))
    if (place < 0) return null
    return reverse ? members.length - 1 - place : place
  }
}

function pop(highest: boolean): Handler {
  return (store, args) => {
    if (args.length > 2) throw new ReplyError(SYNTAX)
    const count = integer(args[1] ?? '1')
    if (count < 0) throw new ReplyError('ERR value is out of range, must be positive')
    const members = ordered(sortedSet(store, at(args, 0)))
    const popped = (highest ? members.toReversed() : members).slice(0, count)
    removeMembers(
      store,
      at(args, 0),
      popped.map(({member}) => member),
    )
    return popped.flatMap(({member, score}) => [member, scoreText(score)])
  }
}

function scoreOf(store: Store, key: string, member: string): string | null {
  const score = sortedSet(store, key).get(member)
  return score === undefined ? null : scoreText(score)
}

function zscan(store: Store, args: readonly string[]): Value {
  const {matches} = scanOptions(args.slice(1))
  const found = ordered(sortedSet(store, at(args, 0))).filter(({member}) => matches(member))
  return scanned(found.flatMap(({member, score}) => [member, scoreText(score)]))
}

export const SORTED_SETS: Handlers = {
  zadd,
  zincrby: (store, args) => zadd(store, [at(args, 0), 'INCR', at(args, 1), at(args, 2)]),
  zcard: (store, args) => sortedSet(store, at(args, 0)).size,
  zscore: (store, args) => scoreOf(store, at(args, 0), at(args, 1)),
  zmscore: (store, args) => args.slice(1).map((member) => scoreOf(store, at(args, 0), member)),
  zrank: rank(false),
  zrevrank: rank(true),
  zrem: (store, args) => removeMembers(store, at(args, 0), args.slice(1)),
  zpopmin: pop(false),
  zpopmax: pop(true),
  zscan,
}
