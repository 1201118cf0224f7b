/** One connection to a Redis that is made anew whenever it is lost. */
import {Cluster, Redis} from 'ioredis'
import {fullJitter} from '../../base/random.js'
import type {Ms} from '../../base/units.js'
import type {CarrierKit, CarrierShare} from '../messaging/carrier.js'
import {oneRedisUrl} from './address.js'
import {connectRedis, type RedisClient} from './connect.js'
import {isReply, reasonOf, unusable} from './trouble.js'

const RETRY = {baseMs: 50, capMs: 2000} as const

const NO_ANSWER = Object.assign(new Error('no answer'), {code: 'no answer'})

export interface LinkEvents {
  /** The link is gone, or could not be made again; told after `open` only. */
  down?(reason: string): void
  /** The link is there again. */
  up?(): void
}

export type LinkShare = Pick<CarrierShare, 'urls' | 'tls' | 'run' | 'timeoutMs'>

export class RedisLink {
  readonly client: RedisClient
  readonly place: string
  readonly timeoutMs: Ms
  readonly #events: LinkEvents
  /** What CLIENT LIST calls it. */
  readonly #name: string
  #isOpen = false
  #isUp = false
  /** Since the server last answered. */
  #failures = 0
  /** ioredis says why a connection failed only as an event. */
  #trouble: unknown

  constructor(share: LinkShare, {random}: Pick<CarrierKit, 'random'>, events: LinkEvents = {}) {
    const address = oneRedisUrl(share.urls)
    this.place = address.place
    this.timeoutMs = share.timeoutMs
    this.#events = events
    const {tls, timeoutMs} = share
    const retryDelay = (): Ms | null =>
      this.#isOpen ? fullJitter({attempt: this.#failures++, ...RETRY}, random) : null
    this.#name = `proofload-${share.run}`
    this.client = connectRedis({address, tls, timeoutMs, retryDelay})
    this.client.on('error', (error: unknown) => (this.#trouble = error))
  }

  /** Whether what is asked now is sent now. */
  get isUp(): boolean {
    return this.#isUp && this.client.status === 'ready'
  }

  /** Connects once, and sees that commands are answered. Rejects with a TargetError. */
  async open(): Promise<void> {
    const late = setTimeout(() => this.client.disconnect(), 2 * this.timeoutMs)
    try {
      await this.client.connect()
      await this.#greet()
    } catch (error) {
      this.client.disconnect()
      throw unusable(this.place, this.#trouble ?? error)
    } finally {
      clearTimeout(late)
    }
    this.#isOpen = true
    this.#isUp = true
    this.#trouble = undefined
    this.client.on('close', () => this.#wentDown())
    this.client.on('ready', () => void this.#cameUp())
    // A cluster is up as a whole; what is lost with one of its nodes shows in the commands for it.
    if (this.client instanceof Cluster)
      this.client.on('node error', (error: unknown) => this.#events.down?.(reasonOf(error)))
  }

  close(): void {
    this.#isOpen = false
    this.client.disconnect()
  }

  /** Cuts a connection that is open but dumb; it is made anew. */
  cut(trouble: unknown = NO_ANSWER): void {
    if (!this.#isOpen) return
    this.#trouble = trouble
    this.client.disconnect(true)
  }

  /**
   * The answer to what was asked; a link on which it does not come within two timeouts is cut, which rejects it. (The socketTimeout of ioredis
   * 5.11 would do it too, but outlives its connection and cuts the next one.)
   */
  async within<Answer>(asked: Promise<Answer>): Promise<Answer> {
    const late = setTimeout(() => this.cut(), 2 * this.timeoutMs)
    try {
      return await asked
    } finally {
      clearTimeout(late)
    }
  }

  /** The socket itself, to write several commands in one piece; a cluster has one for each node. */
  get server(): Redis | undefined {
    return this.client instanceof Redis ? this.client : undefined
  }

  /** Commands behind a refused AUTH may well be answered, to a stranger; that it was refused is told a moment later. */
  async #greet(): Promise<void> {
    this.#trouble = undefined
    // Whoever may not have a name goes without.
    this.server?.client('SETNAME', this.#name).catch(() => undefined)
    const answer = await this.client.ping().catch((error: unknown) => error)
    await new Promise((resolve) => setImmediate(resolve))
    const trouble = this.#trouble ?? (answer instanceof Error ? answer : undefined)
    if (trouble !== undefined) throw trouble as Error
  }

  #wentDown(): void {
    this.#isUp = false
    if (!this.#isOpen) return
    const reason = this.#trouble === undefined ? 'closed' : reasonOf(this.#trouble)
    this.#trouble = undefined
    this.#events.down?.(reason)
  }

  /** A connection that is made may still be refused, as beyond the most clients: it counts once something is answered. */
  async #cameUp(): Promise<void> {
    try {
      await this.within(this.#greet())
    } catch (error) {
      if (!isReply(error)) return
      if (!error.message.startsWith('NOPERM')) {
        this.cut(error)
        return
      }
    }
    this.#trouble = undefined
    this.#failures = 0
    this.#isUp = this.#isOpen
    if (this.#isOpen) this.#events.up?.()
  }
}
