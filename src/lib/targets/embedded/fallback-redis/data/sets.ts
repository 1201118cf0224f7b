/** Corrections for sets: random picks, stores and scans as Redis does them. */
import {randomInt} from 'node:crypto'
import {integer} from '../numbers.js'
import type {Store} from '../store.js'
import {ReplyError, SYNTAX, type Value} from '../value.js'
import {at, type Handler, type Handlers} from './handler.js'
import {scanned, scanOptions} from './scanning.js'

function members(store: Store, key: string): Set<string> {
  return (store.get(key) as Set<string> | undefined) ?? new Set()
}

/** `count` different members in random order (Fisher–Yates). */
function sample(from: Iterable<string>, count: number): string[] {
  const pool = [...from]
  const size = Math.min(count, pool.length)
  for (let index = 0; index < size; index++) {
    const other = randomInt(index, pool.length)
    const picked = at(pool, other)
    pool[other] = at(pool, index)
    pool[index] = picked
  }
  return pool.slice(0, size)
}

function spop(store: Store, args: readonly string[]): Value {
  if (args.length > 2) throw new ReplyError(SYNTAX)
  const set = members(store, at(args, 0))
  const count = args[1] === undefined ? 1 : integer(args[1])
  if (count < 0) throw new ReplyError('ERR value is out of range, must be positive')
  const picked = sample(set, count)
  for (const member of picked) set.delete(member)
  if (picked.length > 0) store.set(at(args, 0), set)
  return args[1] === undefined ? (picked[0] ?? null) : picked
}

/** A negative count may pick a member more than once. */
function srandmember(store: Store, args: readonly string[]): Value {
  if (args.length > 2) throw new ReplyError(SYNTAX)
  const set = members(store, at(args, 0))
  if (args[1] === undefined) return sample(set, 1)[0] ?? null
  const count = integer(args[1])
  if (count >= 0) return sample(set, count)
  const pool = [...set]
  if (pool.length === 0) return []
  return Array.from({length: -count}, () => at(pool, randomInt(pool.length)))
}

type Combine = (sets: readonly Set<string>[]) => Set<string>

const union: Combine = (sets) => new Set(sets.flatMap((set) => [...set]))
const intersection: Combine = ([first = new Set(), ...others]) =>
  new Set([...first].filter((member) => others.every((other) => other.has(member))))
const difference: Combine = ([first = new Set(), ...others]) =>
  new Set([...first].filter((member) => !others.some((other) => other.has(member))))

function storeOf(combine: Combine): Handler {
  return (store, args) => {
    const result = combine(args.slice(1).map((key) => members(store, key)))
    store.delete(at(args, 0))
    if (result.size > 0) store.set(at(args, 0), result)
    return result.size
  }
}

function smove(store: Store, args: readonly string[]): Value {
  const [from, to, member] = [at(args, 0), at(args, 1), at(args, 2)]
  const source = members(store, from)
  if (!source.has(member)) return 0
  const target = members(store, to)
  source.delete(member)
  store.set(from, source)
  store.set(to, (from === to ? source : target).add(member))
  return 1
}

export const SETS: Handlers = {
  spop,
  srandmember,
  sunionstore: storeOf(union),
  sinterstore: storeOf(intersection),
  sdiffstore: storeOf(difference),
  smove,
  sscan: (store, args) => {
    const {matches} = scanOptions(args.slice(1))
    return scanned([...members(store, at(args, 0))].filter(matches))
  },
}
