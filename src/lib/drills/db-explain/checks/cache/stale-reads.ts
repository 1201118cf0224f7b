/** Reads and writes of the same few keys at once, through a cache: whether a read ever misses a write that was through before it began. */
import type {Ms} from '../../../../base/units.js'
import type {Session} from '../../../../protocols/postgres/session.js'
import type {RedisClient} from '../../../../protocols/redis/connect.js'
import type {CheckKit} from '../check.js'
import {CacheAside, type CacheRules} from './cache-aside.js'
import {inTurn} from './in-turn.js'
import {zipf} from './zipf.js'

const KEYS = 20
const READS = 5000
/** Between two writes, so that reads find something in the cache. */
const WRITE_EVERY: Ms = 4

export interface StaleReads {
  readonly reads: number
  readonly writes: number
  readonly stale: number
}

export interface StaleOrder {
  readonly client: RedisClient
  readonly prefix: string
  readonly rules: CacheRules
  /** One writes, the others read; a database of ours, in which a table is made and dropped. */
  readonly sessions: readonly Session[]
  readonly table: string
  /** At most. */
  readonly takesMs: Ms
}

export async function countStaleReads(order: StaleOrder, kit: CheckKit): Promise<StaleReads> {
  const {client, prefix, rules, sessions, table} = order
  const [writer, ...readers] = sessions
  if (writer === undefined || readers.length === 0) throw new RangeError('it takes a writer and a reader')
  await writer.run(`
    CREATE UNLOGGED TABLE ${table} (key integer PRIMARY KEY, version integer NOT NULL);
    INSERT INTO ${table} SELECT key, 0 FROM generate_series(0, ${KEYS - 1}) AS key`)
  const ask = inTurn(readers)
  const fetch = async (key: string) => {
    const sql = `SELECT version FROM ${table} WHERE key = $1`
    const [row] = await ask((session) => session.ask<{version: number}>(sql, [key]))
    return String(row?.version ?? 0)
  }
  const random = kit.random.fork('stale')
  const cache = new CacheAside({
    client,
    prefix: `${prefix}live:`,
    rules,
    clock: kit.clock,
    random: random.fork('leases'),
    fetch,
  })
  try {
    return await mix({cache, writer, table, readers: readers.length, takesMs: order.takesMs}, {...kit, random})
  } finally {
    await cache.clear()
    await writer.run(`DROP TABLE ${table}`)
  }
}

interface Scene {
  readonly cache: CacheAside
  readonly writer: Session
  readonly table: string
  readonly readers: number
  readonly takesMs: Ms
}

async function mix(
  {cache, writer, table, readers, takesMs}: Scene,
  {clock, random, signal}: CheckKit,
): Promise<StaleReads> {
  /** The version of each key whose write was through, cache and all. */
  const through = new Map<string, number>()
  const counts = {reads: 0, writes: 0, stale: 0}
  const until = clock.now() + takesMs
  const going = () => clock.now() < until && counts.reads < READS && !signal.aborted
  const write = async () => {
    const draw = zipf(KEYS, random.fork('write'))
    while (going()) {
      const key = String(draw())
      const [row] = await writer.ask<{version: number}>(
        `UPDATE ${table} SET version = version + 1 WHERE key = $1 RETURNING version`,
        [key],
      )
      await cache.forget(key)
      through.set(key, row?.version ?? 0)
      counts.writes++
      await clock.sleep(WRITE_EVERY, signal)
    }
  }
  const read = async (_: unknown, number: number) => {
    const draw = zipf(KEYS, random.fork(`read ${number}`))
    while (going()) {
      const key = String(draw())
      const atLeast = through.get(key) ?? 0
      const {value} = await cache.read(key)
      counts.reads++
      if (Number(value) < atLeast) counts.stale++
    }
  }
  await Promise.all([write(), ...Array.from({length: readers}, read)])
  return counts
}
