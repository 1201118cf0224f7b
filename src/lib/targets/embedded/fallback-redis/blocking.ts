/** Blocking pops: a client waits for the first of its lists that gets an element, in the order of asking. */
import {performance} from 'node:perf_hooks'
import type {Connection} from './connection.js'
import {endOf, move, take, type End} from './data/lists.js'
import {float} from './numbers.js'
import type {Store} from './store.js'
import {NO_ARRAY, ReplyError, type Value} from './value.js'

/** A pop that can be tried again: undefined when there is nothing to take. */
export interface Pop {
  readonly keys: readonly string[]
  /** 0: for ever. */
  readonly timeoutMs: number
  attempt(store: Store): Value | undefined
}

/** Reads BLPOP, BRPOP, BRPOPLPUSH and BLMOVE. @throws ReplyError for an impossible timeout */
export function popOf(name: string, args: readonly string[]): Pop {
  const timeoutMs = timeoutOf(args.at(-1) ?? '')
  const [from = '', to = '', off = '', on = ''] = args
  if (name === 'brpoplpush') return moving(from, to, ['RIGHT', 'LEFT'], timeoutMs)
  if (name === 'blmove') return moving(from, to, [endOf(off), endOf(on)], timeoutMs)
  return popping(args.slice(0, -1), name === 'blpop' ? 'LEFT' : 'RIGHT', timeoutMs)
}

function timeoutOf(text: string): number {
  const seconds = float(text, 'ERR timeout is not a float or out of range')
  if (seconds < 0) throw new ReplyError('ERR timeout is negative')
  return seconds * 1000
}

function moving(from: string, to: string, ends: readonly [End, End], timeoutMs: number): Pop {
  return {keys: [from], timeoutMs, attempt: (store) => move(store, [from, to], ends) ?? undefined}
}

function popping(keys: readonly string[], end: End, timeoutMs: number): Pop {
  return {
    keys,
    timeoutMs,
    attempt: (store) => {
      const key = keys.find((name) => store.typeOf(name) === 'list')
      return key === undefined ? undefined : [key, take(store, key, end) ?? null]
    },
  }
}

interface Waiter {
  readonly connection: Connection
  readonly pop: Pop
}

export class Waiters {
  /** First come, first served, whatever they wait for. */
  readonly #waiting = new Set<Waiter>()

  /** @param onAnswered the connection may go on with its next command */
  constructor(
    private readonly store: Store,
    private readonly onAnswered: (connection: Connection) => void,
  ) {}

  get size(): number {
    return this.#waiting.size
  }

  add(connection: Connection, pop: Pop): void {
    const waiter = {connection, pop}
    this.#waiting.add(waiter)
    const timer = pop.timeoutMs > 0 ? setTimeout(() => this.#answer(waiter, NO_ARRAY), pop.timeoutMs) : undefined
    connection.unblock = () => {
      clearTimeout(timer)
      this.#waiting.delete(waiter)
      connection.unblock = undefined
    }
  }

  /** These keys were written: serves whoever waits for them. What that writes is left to the next call. */
  serve(written: readonly string[]): void {
    if (this.#waiting.size === 0) return
    const keys = new Set(written.filter((key) => this.store.typeOf(key) === 'list'))
    for (const waiter of [...this.#waiting]) {
      if (!waiter.pop.keys.some((key) => keys.has(key))) continue
      const value = waiter.pop.attempt(this.store)
      this.store.settle()
      if (value !== undefined) this.#answer(waiter, value)
    }
  }

  #answer({connection}: Waiter, value: Value): void {
    connection.unblock?.()
    connection.lastCommandAt = performance.now()
    connection.reply(value)
    this.onAnswered(connection)
  }
}
