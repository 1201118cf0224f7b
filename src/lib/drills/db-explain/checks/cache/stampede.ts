/** Many readers of one cold key at once: how many of them reach the database. */
import type {RedisClient} from '../../../../protocols/redis/connect.js'
import type {CheckKit} from '../check.js'
import {CacheAside} from './cache-aside.js'

const CROWD = 50

export interface Stampede {
  readonly readers: number
  /** Each that misses goes to the database. */
  readonly plain: number
  /** The first fetches, the others wait for it. */
  readonly singleFlight: number
}

export interface StampedeOrder {
  readonly client: RedisClient
  readonly prefix: string
  /** One read of the database. */
  readonly fetch: () => Promise<string>
}

export async function stampede(order: StampedeOrder, kit: CheckKit): Promise<Stampede> {
  const plain = await rush(order, false, kit)
  return {readers: CROWD, plain, singleFlight: await rush(order, true, kit)}
}

async function rush({client, prefix, fetch}: StampedeOrder, leases: boolean, kit: CheckKit): Promise<number> {
  let reached = 0
  const counted = () => {
    reached++
    return fetch()
  }
  const rules = {invalidates: true, leases}
  const random = kit.random.fork(`stampede ${leases}`)
  const cache = new CacheAside({
    client,
    prefix: `${prefix}cold:${leases}:`,
    rules,
    clock: kit.clock,
    random,
    fetch: counted,
  })
  try {
    await Promise.all(Array.from({length: CROWD}, () => cache.read('key')))
  } finally {
    await cache.clear()
  }
  return reached
}
