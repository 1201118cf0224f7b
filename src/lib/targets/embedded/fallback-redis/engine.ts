/** Runs one command on the keyspace: checks arity and types as Redis does, then asks our correction or ioredis-mock. */
import {COMMANDS, refusal, type CommandSpec, type Keys} from './commands.js'
import type {Handlers} from './data/handler.js'
import {HASHES} from './data/hashes.js'
import {KEYS} from './data/keys.js'
import {LISTS} from './data/lists.js'
import {RANGES} from './data/ranges.js'
import {SETS} from './data/sets.js'
import {SORTED_SETS} from './data/sorted-sets.js'
import {STRINGS} from './data/strings.js'
import {mockOver} from './mock.js'
import type {Store} from './store.js'
import {ReplyError, WRONG_TYPE, wrongNumber, type Value} from './value.js'

const OWN: Handlers = {...STRINGS, ...KEYS, ...HASHES, ...LISTS, ...SETS, ...SORTED_SETS, ...RANGES}

/** Where the keys are among the arguments (without the command's name), as arguments of `slice`. */
const KEY_SLICES: Readonly<Record<Keys, readonly [number, number?]>> = {
  none: [0, 0],
  first: [0, 1],
  two: [0, 2],
  all: [0],
  rest: [1],
}

/**
 * The command of this name.
 * @throws ReplyError when it is not offered, or has too few or too many words
 */
export function specOf(words: readonly string[]): CommandSpec {
  const name = words[0] ?? ''
  const spec = COMMANDS.get(name.toLowerCase())
  if (spec === undefined) throw new ReplyError(refusal(name))
  const fits = spec.arity < 0 ? words.length >= -spec.arity : words.length === spec.arity
  if (!fits) throw wrongNumber(spec.name)
  return spec
}

/** @throws ReplyError when a key holds another type than the command works on */
export function checkTypes(store: Store, spec: CommandSpec, args: readonly string[]): void {
  if (spec.type === 'any') return
  for (const key of args.slice(...KEY_SLICES[spec.keys])) {
    const held = store.typeOf(key)
    if (held !== 'none' && held !== spec.type) throw new ReplyError(WRONG_TYPE)
  }
}

/** Commands on data; those of the connection are not known here. */
export type Engine = (spec: CommandSpec, args: readonly string[]) => Value

/** An engine on this store. Its commands throw a ReplyError for what Redis answers with an error. */
export function engineOn(store: Store): Engine {
  const askMock = mockOver(
    store,
    [...COMMANDS.values()].filter(({doer}) => doer === 'mock').map(({name}) => name),
  )
  return (spec, args) => {
    checkTypes(store, spec, args)
    const own = OWN[spec.name]
    return own === undefined ? askMock(spec.name, args) : own(store, args)
  }
}
