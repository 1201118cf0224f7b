/** A command on the keyspace: arguments without the command's name in, reply out. */
import type {Store} from '../store.js'
import type {Value} from '../value.js'

/** @throws ReplyError */
export type Handler = (store: Store, args: readonly string[]) => Value

export type Handlers = Readonly<Record<string, Handler>>

/** The argument at `index`; arity was checked before. */
export function at(args: readonly string[], index: number): string {
  return args[index] ?? ''
}
