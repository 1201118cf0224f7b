/** Corrections for hashes: pairs, integers and floats as Redis reads them. */
import {bigInteger, float, floatSum, sum} from '../numbers.js'
import type {Store} from '../store.js'
import {OK, ReplyError, wrongNumber, type Value} from '../value.js'
import {at, type Handlers} from './handler.js'
import {scanned, scanOptions} from './scanning.js'

type Hash = Record<string, string>

function hash(store: Store, key: string): Hash {
  return (store.get(key) as Hash | undefined) ?? (Object.create(null) as Hash)
}

/** Answers how many fields are new. */
function setFields(store: Store, args: readonly string[], command: string): number {
  if (args.length % 2 !== 1) throw wrongNumber(command)
  const fields = hash(store, at(args, 0))
  let added = 0
  for (let index = 1; index < args.length; index += 2) {
    if (!(at(args, index) in fields)) added += 1
    fields[at(args, index)] = at(args, index + 1)
  }
  store.set(at(args, 0), fields)
  return added
}

function integerIn(text: string): bigint {
  try {
    return bigInteger(text)
  } catch (cause) {
    throw new ReplyError('ERR hash value is not an integer', {cause})
  }
}

function increment(store: Store, args: readonly string[], add: (before: string, by: string) => string): string {
  const fields = hash(store, at(args, 0))
  const total = add(fields[at(args, 1)] ?? '0', at(args, 2))
  fields[at(args, 1)] = total
  store.set(at(args, 0), fields)
  return total
}

function hscan(store: Store, args: readonly string[]): Value {
  const {matches} = scanOptions(args.slice(1))
  return scanned(
    Object.entries(hash(store, at(args, 0)))
      .filter(([field]) => matches(field))
      .flat(),
  )
}

export const HASHES: Handlers = {
  hset: (store, args) => setFields(store, args, 'hset'),
  hmset: (store, args) => {
    setFields(store, args, 'hmset')
    return OK
  },
  hincrby: (store, args) =>
    BigInt(increment(store, args, (before, by) => String(sum(integerIn(before), bigInteger(by))))),
  hincrbyfloat: (store, args) =>
    increment(store, args, (before, by) => floatSum(float(before, 'ERR hash value is not a float'), float(by))),
  hscan,
}
