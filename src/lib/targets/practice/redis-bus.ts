/** The bus over Redis pub/sub: one connection to publish, one to subscribe, both with command timeouts. */
import {Redis, type RedisOptions} from 'ioredis'
import type {Bus, BusEvents, BusMessage, SeatClaim} from './bus.js'
import {COMMAND_TIMEOUT_MS} from './limits.js'
import {RedisSeats} from './redis-seats.js'

/** Kept subscribed so that the link never leaves subscriber mode; asking for it again shows that Redis answers. */
const HEARTBEAT_CHANNEL = 'practice:heartbeat'
const HEARTBEAT_MS = 5000
const LONGEST_RECONNECT_DELAY_MS = 1000

/** Nothing is queued or sent again behind our back: that would turn an outage into late or double messages. */
const LINK: RedisOptions = {
  commandTimeout: COMMAND_TIMEOUT_MS,
  connectTimeout: COMMAND_TIMEOUT_MS,
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  autoResubscribe: false,
  enableReadyCheck: false,
  maxRetriesPerRequest: null,
  lazyConnect: true,
  retryStrategy: (attempt) => Math.min(50 * attempt, LONGEST_RECONNECT_DELAY_MS),
}

/** Connects both links; rejects when Redis cannot be reached. */
export async function connectRedisBus(url: string, events: BusEvents): Promise<Bus> {
  const bus = new RedisBus(url, events)
  try {
    await bus.connect()
    return bus
  } catch (cause) {
    bus.close()
    throw new Error(`Redis cannot be reached: ${bus.lastError ?? String(cause)}`, {cause})
  }
}

class RedisBus implements Bus {
  /** ioredis says why a connection failed only as an event. */
  lastError: string | undefined
  readonly #publisher: Redis
  readonly #subscriber: Redis
  readonly #seats: RedisSeats
  #heartbeat: NodeJS.Timeout | undefined

  constructor(
    url: string,
    private readonly events: BusEvents,
  ) {
    this.#publisher = new Redis(url, LINK)
    this.#subscriber = new Redis(url, LINK)
    this.#seats = new RedisSeats(this.#publisher)
    // A lost link shows in the commands that fail and in /health; ioredis reconnects by itself.
    for (const link of [this.#publisher, this.#subscriber]) {
      link.on('error', (error: Error) => {
        this.lastError = error.message
      })
    }
    this.#subscriber.on('messageBuffer', (channel: Buffer, text: Buffer) => {
      this.events.message(channel.toString(), text)
    })
  }

  async connect(): Promise<void> {
    await Promise.all([this.#publisher.connect(), this.#subscriber.connect()])
    await this.#subscriber.subscribe(HEARTBEAT_CHANNEL)
    this.#subscriber.on('ready', () => void this.#restore())
    this.#heartbeat = setInterval(() => void this.#beat(), HEARTBEAT_MS)
  }

  async publish(messages: readonly BusMessage[]): Promise<readonly (Error | undefined)[]> {
    const pipeline = this.#publisher.pipeline()
    for (const {channel, text} of messages) pipeline.publish(channel, text)
    const replies = (await pipeline.exec()) ?? []
    return messages.map((_, index) => replies[index]?.[0] ?? undefined)
  }

  async subscribe(channels: readonly string[]): Promise<void> {
    if (channels.length > 0) await this.#subscriber.subscribe(...channels)
  }

  async unsubscribe(channels: readonly string[]): Promise<void> {
    if (channels.length > 0) await this.#subscriber.unsubscribe(...channels)
  }

  async claimSeats(claims: readonly SeatClaim[], cap: number): Promise<readonly number[]> {
    return this.#seats.claim(claims, cap)
  }

  async ping(): Promise<void> {
    await Promise.all([this.#publisher.ping(), this.#subscriber.subscribe(HEARTBEAT_CHANNEL)])
  }

  close(): void {
    clearInterval(this.#heartbeat)
    if (this.#publisher.status === 'ready') void this.#seats.leave().catch(() => undefined)
    this.#publisher.disconnect()
    this.#subscriber.disconnect()
  }

  async #restore(): Promise<void> {
    try {
      await this.#subscriber.subscribe(HEARTBEAT_CHANNEL)
      this.events.restored()
    } catch {
      // The link broke again, or does not answer: the next `ready` or heartbeat deals with it.
    }
  }

  /** A link that is open but dumb never ends by itself; this ends it, so that it is made anew. */
  async #beat(): Promise<void> {
    const publisher = this.#publisher.status === 'ready' ? this.#seats.beat() : undefined
    const subscriber = this.#subscriber.status === 'ready' ? this.#subscriber.subscribe(HEARTBEAT_CHANNEL) : undefined
    await Promise.all([
      publisher?.catch(() => this.#publisher.disconnect(true)),
      subscriber?.catch(() => this.#subscriber.disconnect(true)),
    ])
  }
}
