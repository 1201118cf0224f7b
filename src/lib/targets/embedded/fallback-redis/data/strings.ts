/** Corrections for strings: options, integers and floats as Redis reads them. */
import {bigInteger, float, floatSum, integer, range, sum} from '../numbers.js'
import {epochMs, type Store} from '../store.js'
import {OK, ReplyError, SYNTAX, WRONG_TYPE, wrongNumber, type Value} from '../value.js'
import {at, type Handler, type Handlers} from './handler.js'

const LONGEST = 512 * 1024 * 1024
/** What one unit of an option is in ms, and whether it counts from the epoch. */
const EXPIRY_OPTIONS: Readonly<Record<string, {unit: number; absolute: boolean}>> = {
  EX: {unit: 1000, absolute: false},
  PX: {unit: 1, absolute: false},
  EXAT: {unit: 1000, absolute: true},
  PXAT: {unit: 1, absolute: true},
}

function text(store: Store, key: string): string | undefined {
  return store.get(key) as string | undefined
}

/** The deadline that an option such as `EX 10` asks for, in epoch ms. */
function deadlineOf(option: string, amount: string | undefined, command: string): number {
  const kind = EXPIRY_OPTIONS[option]
  if (kind === undefined || amount === undefined) throw new ReplyError(SYNTAX)
  const value = integer(amount)
  if (value <= 0) throw new ReplyError(`ERR invalid expire time in '${command}' command`)
  return value * kind.unit + (kind.absolute ? 0 : epochMs())
}

interface SetOptions {
  condition?: 'NX' | 'XX'
  get: boolean
  keep: boolean
  deadline?: number
}

function setOptions(words: readonly string[]): SetOptions {
  const options: SetOptions = {get: false, keep: false}
  for (let index = 0; index < words.length; index++) {
    const word = at(words, index).toUpperCase()
    if ((word === 'NX' || word === 'XX') && options.condition === undefined) options.condition = word
    else if (word === 'GET') options.get = true
    else if (word === 'KEEPTTL') options.keep = true
    else options.deadline = deadlineOf(word, words[++index], 'set')
  }
  if (options.keep && options.deadline !== undefined) throw new ReplyError(SYNTAX)
  return options
}

function set(store: Store, args: readonly string[]): Value {
  const key = at(args, 0)
  const {condition, deadline, get, keep} = setOptions(args.slice(2))
  const before = store.get(key)
  if (get && before !== undefined && typeof before !== 'string') throw new ReplyError(WRONG_TYPE)
  const old = (before as string | undefined) ?? null
  const isHeldBack = condition !== undefined && (condition === 'NX') === (before !== undefined)
  if (isHeldBack) return get ? old : null
  put(store, key, at(args, 1), keep ? store.deadline(key) : deadline)
  return get ? old : OK
}

function put(store: Store, key: string, value: string, deadline?: number): void {
  store.set(key, value)
  store.expireAt(key, deadline)
}

function setWithExpiry(option: string, command: string): Handler {
  return (store, args) => {
    put(store, at(args, 0), at(args, 2), deadlineOf(option, args[1], command))
    return OK
  }
}

function increment(sign: bigint): Handler {
  return (store, args) => {
    const key = at(args, 0)
    const by = args[1] === undefined ? 1n : bigInteger(args[1])
    const total = sum(bigInteger(text(store, key) ?? '0'), sign * by)
    store.set(key, String(total))
    return total
  }
}

function getex(store: Store, args: readonly string[]): Value {
  const key = at(args, 0)
  const option = args[1]?.toUpperCase()
  const value = text(store, key) ?? null
  if (option === undefined) return value
  const deadline = option === 'PERSIST' && args.length === 2 ? undefined : deadlineOf(option, args[2], 'getex')
  store.expireAt(key, deadline)
  return value
}

function setrange(store: Store, args: readonly string[]): Value {
  const offset = integer(at(args, 1))
  const piece = at(args, 2)
  const before = text(store, at(args, 0)) ?? ''
  if (offset < 0) throw new ReplyError('ERR offset is out of range')
  if (offset + piece.length > LONGEST)
    throw new ReplyError('ERR string exceeds maximum allowed size (proto-max-bulk-len)')
  if (piece === '') return before.length
  const after = before.padEnd(offset, '\0').slice(0, offset) + piece + before.slice(offset + piece.length)
  store.set(at(args, 0), after)
  return after.length
}

function pairs(command: string, args: readonly string[]): [string, string][] {
  if (args.length % 2 !== 0) throw wrongNumber(command)
  return Array.from({length: args.length / 2}, (_, pair) => [at(args, 2 * pair), at(args, 2 * pair + 1)])
}

function mset(store: Store, args: readonly string[]): Value {
  for (const [key, value] of pairs('mset', args)) put(store, key, value)
  return OK
}

export const STRINGS: Handlers = {
  set,
  setex: setWithExpiry('EX', 'setex'),
  psetex: setWithExpiry('PX', 'psetex'),
  getex,
  incr: increment(1n),
  decr: increment(-1n),
  incrby: increment(1n),
  decrby: increment(-1n),
  incrbyfloat: (store, args) => {
    const total = floatSum(float(text(store, at(args, 0)) ?? '0'), float(at(args, 1)))
    store.set(at(args, 0), total)
    return total
  },
  getrange: (store, args) => {
    const value = text(store, at(args, 0)) ?? ''
    return value.slice(...range(value.length, at(args, 1), at(args, 2)))
  },
  setrange,
  mget: (store, args) =>
    args.map((key) => {
      const value = store.get(key)
      return typeof value === 'string' ? value : null
    }),
  mset,
  msetnx: (store, args) => {
    const taken = pairs('msetnx', args).some(([key]) => store.has(key))
    if (!taken) mset(store, args)
    return taken ? 0 : 1
  },
}
