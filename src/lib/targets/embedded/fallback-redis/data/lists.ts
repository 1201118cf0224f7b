/** Corrections for lists: positions, counts and ends as Redis reads them. */
import {integer, range} from '../numbers.js'
import type {Store} from '../store.js'
import {NO_ARRAY, OK, ReplyError, SYNTAX, wrongNumber, type Value} from '../value.js'
import {at, type Handler, type Handlers} from './handler.js'

export type End = 'LEFT' | 'RIGHT'

function list(store: Store, key: string): string[] {
  return (store.get(key) as string[] | undefined) ?? []
}

/** Reads LEFT or RIGHT in any case. */
export function endOf(word: string): End {
  const end = word.toUpperCase()
  if (end === 'LEFT' || end === 'RIGHT') return end
  throw new ReplyError(SYNTAX)
}

/** Takes one element off; undefined when there is none. */
export function take(store: Store, key: string, end: End): string | undefined {
  const items = list(store, key)
  const item = end === 'LEFT' ? items.shift() : items.pop()
  if (item !== undefined) store.set(key, items)
  return item
}

/** Puts one element on. */
function add(store: Store, key: string, end: End, item: string): void {
  const items = list(store, key)
  if (end === 'LEFT') items.unshift(item)
  else items.push(item)
  store.set(key, items)
}

/** Takes from one list and puts on another (or the same) one. */
export function move(
  store: Store,
  [from, to]: readonly [string, string],
  [off, on]: readonly [End, End],
): string | null {
  const item = take(store, from, off)
  if (item === undefined) return null
  add(store, to, on, item)
  return item
}

function pop(end: End, command: string): Handler {
  return (store, args) => {
    if (args.length > 2) throw wrongNumber(command)
    const key = at(args, 0)
    if (args[1] === undefined) return take(store, key, end) ?? null
    const count = integer(args[1])
    if (count < 0) throw new ReplyError('ERR value is out of range, must be positive')
    if (!store.has(key)) return NO_ARRAY
    const items = list(store, key)
    const taken = end === 'LEFT' ? items.splice(0, count) : items.splice(Math.max(0, items.length - count)).reverse()
    store.set(key, items)
    return taken
  }
}

function pushExisting(end: End): Handler {
  return (store, args) => {
    const key = at(args, 0)
    if (!store.has(key)) return 0
    for (const item of args.slice(1)) add(store, key, end, item)
    return list(store, key).length
  }
}

function positionIn(items: readonly string[], index: string): number {
  const position = integer(index)
  return position < 0 ? items.length + position : position
}

function lset(store: Store, args: readonly string[]): Value {
  const items = list(store, at(args, 0))
  if (items.length === 0) throw new ReplyError('ERR no such key')
  const position = positionIn(items, at(args, 1))
  if (position < 0 || position >= items.length) throw new ReplyError('ERR index out of range')
  items[position] = at(args, 2)
  store.set(at(args, 0), items)
  return OK
}

function linsert(store: Store, args: readonly string[]): Value {
  const where = at(args, 1).toUpperCase()
  if (where !== 'BEFORE' && where !== 'AFTER') throw new ReplyError(SYNTAX)
  const items = list(store, at(args, 0))
  const pivot = items.indexOf(at(args, 2))
  if (pivot < 0) return items.length === 0 ? 0 : -1
  items.splice(where === 'BEFORE' ? pivot : pivot + 1, 0, at(args, 3))
  store.set(at(args, 0), items)
  return items.length
}

function lrem(store: Store, args: readonly string[]): Value {
  const items = list(store, at(args, 0))
  const count = integer(at(args, 1))
  const most = count === 0 ? items.length : Math.abs(count)
  let removed = 0
  const keeps = (item: string) => item !== at(args, 2) || removed >= most || ++removed === 0
  const kept = count < 0 ? items.toReversed().filter(keeps).toReversed() : items.filter(keeps)
  if (removed > 0) store.set(at(args, 0), kept)
  return removed
}

export const LISTS: Handlers = {
  lpop: pop('LEFT', 'lpop'),
  rpop: pop('RIGHT', 'rpop'),
  lpushx: pushExisting('LEFT'),
  rpushx: pushExisting('RIGHT'),
  lmove: (store, args) => move(store, [at(args, 0), at(args, 1)], [endOf(at(args, 2)), endOf(at(args, 3))]),
  lindex: (store, args) => {
    const items = list(store, at(args, 0))
    return items[positionIn(items, at(args, 1))] ?? null
  },
  lrange: (store, args) => {
    const items = list(store, at(args, 0))
    return items.slice(...range(items.length, at(args, 1), at(args, 2)))
  },
  ltrim: (store, args) => {
    const items = list(store, at(args, 0))
    if (items.length > 0) store.set(at(args, 0), items.slice(...range(items.length, at(args, 1), at(args, 2))))
    return OK
  },
  lset,
  linsert,
  lrem,
}
