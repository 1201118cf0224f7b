/** One connection to Redis that is made anew whenever it is lost, and cut when it is open but dumb. */
import {Redis, type RedisOptions} from 'ioredis'
import type {Ms} from '../../base/units.js'
import {COMMAND_TIMEOUT_MS, LINK_TIMEOUT_MS} from './limits.js'

/** Nothing is queued or sent again behind our back: that would turn an outage into late or double messages. */
const OPTIONS: RedisOptions = {
  commandTimeout: COMMAND_TIMEOUT_MS,
  connectTimeout: LINK_TIMEOUT_MS,
  // A half-open connection does not answer our FIN.
  disconnectTimeout: 50,
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  autoResubscribe: false,
  enableReadyCheck: false,
  // Its answer would be waited for before the link counts as ready.
  disableClientInfo: true,
  // What is under way fails as soon as the link is lost; the link itself is tried again for ever.
  maxRetriesPerRequest: 0,
  lazyConnect: true,
}

const LOOK_MS: Ms = 500
/** Looks in a row without an answer: 2.5 s. A stalled event loop of our own counts as one look. */
const PATIENCE = 5

export interface LinkEvents {
  lost(): void
  back(): void
}

export class RedisLink {
  readonly redis: Redis
  /** ioredis says why a connection failed only as an event. */
  lastError: string | undefined
  losses = 0
  attempts = 0
  #looking: NodeJS.Timeout | undefined
  #asking = false
  #unanswered = 0
  /** Whether a loss would be news. */
  #wasUp = false

  /** @param delay how long to wait before each attempt to connect again, counted from 1 */
  constructor(url: string, delay: (attempt: number) => Ms) {
    this.redis = new Redis(url, {
      ...OPTIONS,
      retryStrategy: (attempt) => {
        this.attempts++
        return delay(attempt)
      },
    })
    this.redis.on('error', (error: Error) => {
      this.lastError = error.message
    })
  }

  get up(): boolean {
    return this.redis.status === 'ready'
  }

  async connect(): Promise<void> {
    await this.redis.connect()
  }

  /** From now on the link is looked after. @param ask a command that shows whether Redis answers */
  attend(ask: () => Promise<unknown>, events: LinkEvents): void {
    this.#wasUp = true
    this.redis.on('close', () => {
      if (!this.#wasUp) return
      this.#wasUp = false
      this.losses++
      events.lost()
    })
    this.redis.on('ready', () => {
      this.#wasUp = true
      this.#unanswered = 0
      events.back()
    })
    this.#looking = setInterval(() => this.#look(ask), LOOK_MS)
  }

  close(): void {
    clearInterval(this.#looking)
    this.#wasUp = false
    this.redis.disconnect()
  }

  #look(ask: () => Promise<unknown>): void {
    if (!this.up) return
    if (this.#asking) {
      if (++this.#unanswered >= PATIENCE) this.redis.disconnect(true)
      return
    }
    this.#asking = true
    this.#unanswered = 0
    ask()
      .catch(() => undefined)
      .finally(() => {
        this.#asking = false
      })
  }
}
