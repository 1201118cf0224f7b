/** Corrections for keys of any type: expiry, renaming, looking around. */
import {globTest} from '../glob.js'
import {integer} from '../numbers.js'
import {epochMs, type Store} from '../store.js'
import {OK, ReplyError, Status, type Value} from '../value.js'
import {at, type Handler, type Handlers} from './handler.js'
import {scanned, scanOptions} from './scanning.js'

const FURTHEST_MS = 2 ** 53

/** Whether the options (NX, XX, GT, LT) allow to move a deadline; no deadline counts as for ever. */
function allowed(option: string, before: number | undefined, after: number): boolean {
  switch (option) {
    case 'NX':
      return before === undefined
    case 'XX':
      return before !== undefined
    case 'GT':
      return before !== undefined && after > before
    case 'LT':
      return before === undefined || after < before
    default:
      throw new ReplyError(`ERR Unsupported option ${option}`)
  }
}

function expire(command: string, unit: number, absolute: boolean): Handler {
  return (store, args) => {
    const key = at(args, 0)
    const after = integer(at(args, 1)) * unit + (absolute ? 0 : epochMs())
    if (Math.abs(after) > FURTHEST_MS) throw new ReplyError(`ERR invalid expire time in '${command}' command`)
    const options = args.slice(2).map((option) => option.toUpperCase())
    const before = store.deadline(key)
    const moves = options.every((option) => allowed(option, before, after))
    if (!store.has(key) || !moves) return 0
    store.expireAt(key, after)
    return 1
  }
}

/** -2: no such key; -1: it stays; else what `read` makes of its deadline. */
function deadline(read: (deadlineMs: number) => number): Handler {
  return (store, args) => {
    const key = at(args, 0)
    if (!store.has(key)) return -2
    const ends = store.deadline(key)
    return ends === undefined ? -1 : read(ends)
  }
}

/** Redis rounds to the nearest second. */
const toSeconds = (ms: number) => Math.floor((ms + 500) / 1000)
const left = (ends: number) => Math.max(0, ends - epochMs())

function rename(store: Store, args: readonly string[]): Value {
  const [from, to] = [at(args, 0), at(args, 1)]
  const value = store.get(from)
  if (value === undefined) throw new ReplyError('ERR no such key')
  const ends = store.deadline(from)
  store.delete(from)
  store.set(to, value)
  store.expireAt(to, ends)
  return OK
}

function scan(store: Store, args: readonly string[]): Value {
  const {matches, type} = scanOptions(args, true)
  return scanned(store.keys().filter((key) => matches(key) && (type === undefined || store.typeOf(key) === type)))
}

const remove: Handler = (store, args) => args.filter((key) => store.has(key) && store.delete(key)).length
const count: Handler = (store, args) => args.filter((key) => store.has(key)).length
const clear: Handler = (store) => {
  store.clear()
  return OK
}

export const KEYS: Handlers = {
  del: remove,
  unlink: remove,
  exists: count,
  touch: count,
  flushall: clear,
  flushdb: clear,
  expire: expire('expire', 1000, false),
  pexpire: expire('pexpire', 1, false),
  expireat: expire('expireat', 1000, true),
  pexpireat: expire('pexpireat', 1, true),
  ttl: deadline((ends) => toSeconds(left(ends))),
  pttl: deadline(left),
  expiretime: deadline(toSeconds),
  pexpiretime: deadline((ends) => ends),
  keys: (store, args) => store.keys().filter(globTest(at(args, 0))),
  rename,
  renamenx: (store, args) => {
    if (!store.has(at(args, 0))) throw new ReplyError('ERR no such key')
    if (store.has(at(args, 1))) return 0
    rename(store, args)
    return 1
  },
  scan,
  type: (store, args) => new Status(store.typeOf(at(args, 0))),
}
