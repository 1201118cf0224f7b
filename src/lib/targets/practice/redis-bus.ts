/** The bus over Redis pub/sub: one connection to publish, one to subscribe, both made anew when they are lost. */
import {fullJitter, type Random} from '../../base/random.js'
import type {Ms} from '../../base/units.js'
import type {Bus, BusEvents, BusMessage, LinkState, SeatClaim} from './bus.js'
import {BACKOFF} from './limits.js'
import {RedisLink} from './redis-link.js'
import {RedisSeats} from './redis-seats.js'
import {pack, Tuning, unpack} from './trunks.js'

/** Kept subscribed so that the link never leaves subscriber mode; asking for it again shows that Redis answers. */
const HEARTBEAT_CHANNEL = 'practice:heartbeat'

/** Connects both links; rejects when Redis cannot be reached. */
export async function connectRedisBus(url: string, events: BusEvents, random: Random): Promise<Bus> {
  const bus = new RedisBus(url, events, random)
  try {
    await bus.connect()
    return bus
  } catch (cause) {
    bus.close()
    throw new Error(`Redis cannot be reached: ${bus.lastError ?? String(cause)}`, {cause})
  }
}

class RedisBus implements Bus {
  delay: (attempt: number) => Ms
  readonly #publisher: RedisLink
  readonly #subscriber: RedisLink
  readonly #seats: RedisSeats
  readonly #tuning = new Tuning()

  constructor(
    url: string,
    private readonly events: BusEvents,
    random: Random,
  ) {
    this.delay = (attempt) => fullJitter({attempt: attempt - 1, ...BACKOFF}, random)
    const delay = (attempt: number): Ms => this.delay(attempt)
    this.#publisher = new RedisLink(url, delay)
    this.#subscriber = new RedisLink(url, delay)
    this.#seats = new RedisSeats(this.#publisher.redis)
    this.#subscriber.redis.on('messageBuffer', (trunk: Buffer, load: Buffer) => this.#hear(trunk.toString(), load))
  }

  get lastError(): string | undefined {
    return this.#publisher.lastError ?? this.#subscriber.lastError
  }

  get links(): LinkState {
    const both = [this.#publisher, this.#subscriber]
    return {
      up: both.every(({up}) => up),
      losses: both.reduce((sum, {losses}) => sum + losses, 0),
      attempts: both.reduce((sum, {attempts}) => sum + attempts, 0),
    }
  }

  async connect(): Promise<void> {
    await Promise.all([this.#publisher.connect(), this.#subscriber.connect()])
    await this.heard()
    this.#publisher.attend(() => this.#seats.beat(), {
      lost: () => this.events.muted(),
      back: () => this.events.sendable(),
    })
    this.#subscriber.attend(() => this.heard(), {
      lost: () => this.events.lost(),
      back: () => this.events.restored(),
    })
  }

  async publish(messages: readonly BusMessage[]): Promise<readonly (Error | undefined)[]> {
    const loads = pack(messages)
    const pipeline = this.#publisher.redis.pipeline()
    for (const {trunk, text} of loads) pipeline.publish(trunk, text)
    const replies = (await pipeline.exec()) ?? []
    const outcomes: (Error | undefined)[] = []
    for (const [index, {places}] of loads.entries()) {
      for (const place of places) outcomes[place] = replies[index]?.[0] ?? undefined
    }
    return outcomes
  }

  async subscribe(channels: readonly string[]): Promise<void> {
    if (channels.length === 0) return
    try {
      // Also those that are subscribed already: the answer shows that from now on everything is heard.
      await this.#subscriber.redis.subscribe(...this.#tuning.add(channels))
    } catch (error) {
      this.#tuning.remove(channels)
      throw error
    }
  }

  async unsubscribe(channels: readonly string[]): Promise<void> {
    const silent = this.#tuning.remove(channels)
    if (silent.length > 0) await this.#subscriber.redis.unsubscribe(...silent)
  }

  async heard(): Promise<void> {
    await this.#subscriber.redis.subscribe(HEARTBEAT_CHANNEL)
  }

  async claimSeats(claims: readonly SeatClaim[], cap: number): Promise<readonly number[]> {
    return this.#seats.claim(claims, cap)
  }

  async ping(): Promise<void> {
    if (!this.links.up) throw new Error(`the link is lost: ${this.lastError ?? 'it was cut'}`)
    await Promise.all([this.#publisher.redis.ping(), this.heard()])
  }

  #hear(trunk: string, load: Buffer): void {
    unpack(load, (channel, text) => {
      if (this.#tuning.hears(trunk, channel)) this.events.message(channel, text)
    })
  }

  close(): void {
    if (this.#publisher.up) void this.#seats.leave().catch(() => undefined)
    this.#publisher.close()
    this.#subscriber.close()
  }
}
