/** ioredis-mock as a synchronous engine over our keyspace: it knows the commands, the store keeps the data. */
import RedisMock from 'ioredis-mock'
import type {Store} from './store.js'
import {ReplyError, type Value} from './value.js'

type MockCommand = (...args: readonly string[]) => Promise<unknown>

/** Part of ioredis' public API: a reply transformer is called while the command runs, before any promise settles. */
interface Transforming {
  readonly Command: {setReplyTransformer(name: string, transform: (reply: unknown) => unknown): void}
}

/**
 * Teaches the mock our store and hands back its commands as plain functions.
 * @param names the commands that will be asked for, in lower case
 */
export function mockOver(store: Store, names: readonly string[]): (name: string, args: readonly string[]) => Value {
  const mock = new RedisMock() as unknown as Record<string, unknown>
  mock['data'] = store
  mock['expires'] = expiriesOf(store)
  const caught: unknown[] = []
  for (const name of names) {
    const {Command} = RedisMock as unknown as Transforming
    Command.setReplyTransformer(name, (reply) => {
      caught.push(reply)
      return reply
    })
  }
  return (name, args) => {
    caught.length = 0
    ;(mock[name] as MockCommand)(...args).catch(() => undefined)
    if (caught.length === 0) throw new ReplyError(`ERR the in-process Redis could not do this ${name}`)
    return (caught[0] ?? null) as Value
  }
}

/** What the mock knows of deadlines. */
function expiriesOf(store: Store) {
  return {
    has: (key: string) => store.deadline(key) !== undefined,
    get: (key: string) => store.deadline(key),
    set: (key: string, deadline: number | string) => store.expireAt(key, Number(deadline)),
    delete: (key: string) => store.expireAt(key, undefined),
    isExpired: () => false,
    clear: () => undefined,
  }
}
