/** A connection that comes back: when it is lost it is opened again, at the next node, after a random wait. */
import type {ChannelModel} from 'amqplib'
import type {Clock} from '../../base/clock.js'
import {fullJitter, type Random} from '../../base/random.js'
import {connected, within, type Access, type Connected} from './connect.js'
import {reasonOf} from './reasons.js'

export interface LineKit {
  readonly clock: Clock
  readonly random: Random
  /** It broke, or could not be opened again. */
  readonly lost: (reason: string) => void
}

export const BACKOFF = {baseMs: 50, capMs: 2000} as const
/** A server that is asked to close a connection or a channel has this long. */
export const FAREWELL_MS = 1000

/** amqplib can reconnect too, but waits without a limit for a server that takes the connection and then says nothing. */
export class Line {
  readonly #access: Access
  readonly #name: string
  readonly #kit: LineKit
  readonly #ended = new AbortController()
  #next: number
  #current: Connected | undefined
  #opening: Promise<ChannelModel> | undefined
  #blocked = false

  /** `number` chooses the first of the nodes. */
  constructor(access: Access, name: string, number: number, kit: LineKit) {
    this.#access = access
    this.#name = name
    this.#next = number
    this.#kit = kit
  }

  /** The server has said that it reads nothing from us until it has memory or disk again. */
  get blocked(): boolean {
    return this.#blocked
  }

  isOver(): boolean {
    return this.#ended.signal.aborted
  }

  /** The first time: rejects with the error, where `up` would try again. */
  open(): Promise<ChannelModel> {
    return this.#connect()
  }

  /** The connection, as soon as there is one; rejects only when the line is closed meanwhile. */
  up(): Promise<ChannelModel> {
    if (this.#current) return Promise.resolve(this.#current.model)
    this.#opening ??= this.#reconnect().finally(() => {
      this.#opening = undefined
    })
    return this.#opening
  }

  /** Ends a connection that does not answer; it is opened again. */
  cut(): void {
    this.#current?.cut()
  }

  async close(): Promise<void> {
    this.#ended.abort()
    const current = this.#current
    if (!current) return
    // It rejects when the connection is gone already, and never resolves when the server is.
    await within(FAREWELL_MS, this.#kit.clock, current.model.close()).catch(() => undefined)
    current.cut()
  }

  async #reconnect(): Promise<ChannelModel> {
    const {clock, random, lost} = this.#kit
    for (let attempt = 0; !this.isOver(); attempt++) {
      await clock.sleep(fullJitter({attempt, ...BACKOFF}, random), this.#ended.signal)
      if (this.isOver()) break
      try {
        return await this.#connect()
      } catch (error) {
        if (!this.isOver()) lost(reasonOf(error))
      }
    }
    throw new Error('the connection was closed by us')
  }

  async #connect(): Promise<ChannelModel> {
    const {urls} = this.#access
    const url = urls[this.#next++ % urls.length] ?? ''
    const current = await connected(url, this.#name, this.#access)
    if (this.isOver()) {
      current.cut()
      throw new Error('the connection was closed by us')
    }
    this.#watch(current)
    this.#current = current
    return current.model
  }

  #watch(current: Connected): void {
    const {model} = current
    model.on('blocked', () => {
      this.#blocked = true
    })
    model.on('unblocked', () => {
      this.#blocked = false
    })
    model.once('close', (error?: Error) => {
      this.#current = undefined
      this.#blocked = false
      current.cut()
      if (!this.isOver()) this.#kit.lost(reasonOf(error))
    })
  }
}
