/** Channels and patterns: a message is encoded once and the same bytes go to every subscriber. */
import type {Connection} from './connection.js'
import {globTest} from './glob.js'
import {encodeToBytes, ReplyError, type Value} from './value.js'

type Kind = 'channels' | 'patterns'

const WORDS: Readonly<Record<Kind, {on: string; off: string}>> = {
  channels: {on: 'subscribe', off: 'unsubscribe'},
  patterns: {on: 'psubscribe', off: 'punsubscribe'},
}

export class PubSub {
  readonly #subscribers: Readonly<Record<Kind, Map<string, Set<Connection>>>> = {
    channels: new Map(),
    patterns: new Map(),
  }
  readonly #tests = new Map<string, (channel: string) => boolean>()

  /** Answers once for every name. */
  subscribe(connection: Connection, kind: Kind, names: readonly string[]): void {
    for (const name of names) {
      const all = this.#subscribers[kind]
      const subscribers = all.get(name) ?? new Set()
      all.set(name, subscribers.add(connection))
      if (kind === 'patterns' && !this.#tests.has(name)) this.#tests.set(name, globTest(name))
      connection[kind].add(name)
      connection.reply([WORDS[kind].on, name, subscriptions(connection)])
    }
  }

  /** Without names: from all. Answers once for every name, and once when there was none. */
  unsubscribe(connection: Connection, kind: Kind, names: readonly string[]): void {
    const going = names.length === 0 ? [...connection[kind]] : names
    for (const name of going) {
      this.#remove(connection, kind, name)
      connection.reply([WORDS[kind].off, name, subscriptions(connection)])
    }
    if (going.length === 0) connection.reply([WORDS[kind].off, null, subscriptions(connection)])
  }

  /** Answers how many got it. */
  publish(channel: string, message: string): number {
    let receivers = this.#send(this.#subscribers.channels.get(channel), ['message', channel, message])
    for (const [pattern, subscribers] of this.#subscribers.patterns) {
      if (this.#tests.get(pattern)?.(channel) !== true) continue
      receivers += this.#send(subscribers, ['pmessage', pattern, channel, message])
    }
    return receivers
  }

  /** The connection is gone. */
  forget(connection: Connection): void {
    for (const kind of ['channels', 'patterns'] as const) {
      for (const name of [...connection[kind]]) this.#remove(connection, kind, name)
    }
  }

  /** PUBSUB CHANNELS, NUMSUB and NUMPAT. */
  command([action = '', ...rest]: readonly string[]): Value {
    const {channels, patterns} = this.#subscribers
    switch (action.toUpperCase()) {
      case 'CHANNELS':
        return [...channels.keys()].filter(globTest(rest[0] ?? '*'))
      case 'NUMSUB':
        return rest.flatMap((channel) => [channel, channels.get(channel)?.size ?? 0])
      case 'NUMPAT':
        return patterns.size
      default:
        throw new ReplyError(`ERR unknown subcommand '${action}'. Try PUBSUB HELP.`)
    }
  }

  /** Channels and patterns that somebody listens to. */
  get sizes(): {readonly channels: number; readonly patterns: number} {
    return {channels: this.#subscribers.channels.size, patterns: this.#subscribers.patterns.size}
  }

  #send(subscribers: ReadonlySet<Connection> | undefined, frame: Value): number {
    if (subscribers === undefined) return 0
    const bytes = encodeToBytes(frame)
    for (const subscriber of subscribers) subscriber.send(bytes)
    return subscribers.size
  }

  #remove(connection: Connection, kind: Kind, name: string): void {
    connection[kind].delete(name)
    const subscribers = this.#subscribers[kind].get(name)
    subscribers?.delete(connection)
    if (subscribers?.size !== 0) return
    this.#subscribers[kind].delete(name)
    if (kind === 'patterns') this.#tests.delete(name)
  }
}

function subscriptions(connection: Connection): number {
  return connection.channels.size + connection.patterns.size
}
