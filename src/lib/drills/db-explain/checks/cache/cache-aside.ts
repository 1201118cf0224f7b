/** A cache beside a database: what is asked for is kept, what is written is forgotten. */
import type {Clock} from '../../../../base/clock.js'
import type {Random} from '../../../../base/random.js'
import {SECOND, type Ms} from '../../../../base/units.js'
import type {RedisClient} from '../../../../protocols/redis/connect.js'

/** How it is done; anything but both is a defect that a check must see. */
export interface CacheRules {
  /** A write makes the cache forget. */
  readonly invalidates: boolean
  /**
   * Only one reader fetches a key that is missing, and what it fetched is kept only if nobody wrote meanwhile; the others wait for it.
   * Source: Nishtala et al., "Scaling Memcache at Facebook", NSDI 2013, section 3.2.1.
   */
  readonly leases: boolean
}

export const CORRECT: CacheRules = {invalidates: true, leases: true}

export interface CacheOptions {
  readonly client: RedisClient
  /** All keys begin with it. */
  readonly prefix: string
  readonly rules: CacheRules
  readonly clock: Clock
  readonly random: Random
  /** The database. */
  readonly fetch: (key: string) => Promise<string>
}

export interface Answer {
  readonly value: string
  readonly from: 'cache' | 'database'
}

/** Also the net below our own clean-up. */
const KEPT: Ms = 60 * SECOND
const LEASED: Ms = 2 * SECOND
const LOOK_EVERY: Ms = 1

const [VALUE, LEASE] = ['v', 'l']
/** In place of the lease that it was fetched under, and of nothing else. */
const FILL = `
  if redis.call('GET', KEYS[1]) == ARGV[1] then
    redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
    return 1
  end
  return 0`
const GIVE_BACK = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`

export class CacheAside {
  readonly #used = new Set<string>()

  constructor(private readonly options: CacheOptions) {}

  async read(key: string): Promise<Answer> {
    const {client, clock, rules} = this.options
    const name = this.#nameOf(key)
    const until = clock.now() + LEASED
    for (;;) {
      const found = await client.get(name)
      if (found?.startsWith(VALUE) === true) return {value: found.slice(VALUE.length), from: 'cache'}
      if (!rules.leases) return this.#fetchPlainly(key, name)
      const lease = found === null ? await this.#lease(name) : undefined
      if (lease !== undefined) return this.#fetchUnder(lease, key, name)
      if (clock.now() > until) return {value: await this.options.fetch(key), from: 'database'}
      await clock.sleep(LOOK_EVERY)
    }
  }

  /** After the write is through. */
  async forget(key: string): Promise<void> {
    if (this.options.rules.invalidates) await this.options.client.del(this.#nameOf(key))
  }

  /** Removes all that was kept. */
  async clear(): Promise<void> {
    for (const name of this.#used) await this.options.client.del(name)
    this.#used.clear()
  }

  #nameOf(key: string): string {
    const name = `${this.options.prefix}${key}`
    this.#used.add(name)
    return name
  }

  async #fetchPlainly(key: string, name: string): Promise<Answer> {
    const value = await this.options.fetch(key)
    await this.options.client.set(name, `${VALUE}${value}`, 'PX', KEPT)
    return {value, from: 'database'}
  }

  /** Undefined: somebody else has it. */
  async #lease(name: string): Promise<string | undefined> {
    const lease = `${LEASE}${this.options.random.next()}`
    const taken = await this.options.client.set(name, lease, 'PX', LEASED, 'NX')
    return taken === null ? undefined : lease
  }

  async #fetchUnder(lease: string, key: string, name: string): Promise<Answer> {
    const {client} = this.options
    try {
      const value = await this.options.fetch(key)
      await client.eval(FILL, 1, name, lease, `${VALUE}${value}`, KEPT)
      return {value, from: 'database'}
    } catch (error) {
      await client.eval(GIVE_BACK, 1, name, lease).catch(() => undefined)
      throw error
    }
  }
}
