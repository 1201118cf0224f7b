/** Reads of a hot query through a cache, beside the same reads of the database. */
import type {Ms} from '../../../../base/units.js'
import {Histogram} from '../../../../metrics/histogram.js'
import type {Session} from '../../../../protocols/postgres/session.js'
import type {RedisClient} from '../../../../protocols/redis/connect.js'
import type {CheckKit} from '../check.js'
import {timed} from '../timed.js'
import {timesOf, type Times} from '../times.js'
import {CacheAside, CORRECT} from './cache-aside.js'
import type {HotQuery} from './hot-query.js'
import {zipf} from './zipf.js'

const READS = 3000
/** Every so many reads one goes past the cache. */
const PAST_EVERY = 8

export interface HotReads {
  readonly query: string
  readonly keys: number
  readonly reads: number
  readonly hits: number
  readonly hit: Times
  readonly miss: Times
  /** The query itself, with the indexes that are there. */
  readonly database: Times
  /** Share of hits from which on the cache is faster on the whole; undefined: it never is. */
  readonly breakEven: number | undefined
}

export interface Place {
  readonly client: RedisClient
  readonly prefix: string
  /** At most. */
  readonly takesMs: Ms
}

export async function readHot(
  hot: HotQuery,
  session: Session,
  place: Place & {readonly kit: CheckKit},
): Promise<HotReads> {
  const {kit, client, prefix} = place
  const {clock, random} = kit
  const ask = (key: string) => session.read(hot.sql, hot.keys[Number(key)] ?? [])
  const cache = new CacheAside({
    client,
    prefix: `${prefix}hot:`,
    rules: CORRECT,
    clock,
    random: random.fork('leases'),
    fetch: async (key) => JSON.stringify((await ask(key)).rows),
  })
  const draw = zipf(hot.keys.length, random.fork('hot'))
  const taken = {cache: new Histogram(), database: new Histogram(), past: new Histogram()}
  const until = clock.now() + place.takesMs
  try {
    for (let reads = 0; reads < READS && clock.now() < until && !kit.signal.aborted; reads++) {
      const key = String(draw())
      const from = clock.now()
      const {value, from: where} = await cache.read(key)
      JSON.parse(value)
      taken[where].record(clock.now() - from)
      if (reads % PAST_EVERY === 0) taken.past.record(await timed(clock, () => ask(key))())
    }
  } finally {
    await cache.clear()
  }
  return factsOf(hot, taken)
}

interface Taken {
  readonly cache: Histogram
  readonly database: Histogram
  /** Past the cache. */
  readonly past: Histogram
}

function factsOf({name, keys}: HotQuery, taken: Taken): HotReads {
  const [hit, miss, database] = [timesOf(taken.cache), timesOf(taken.database), timesOf(taken.past)]
  return {
    query: name,
    keys: keys.length,
    reads: hit.count + miss.count,
    hits: hit.count,
    hit,
    miss,
    database,
    breakEven: miss.count === 0 ? undefined : breakEven(hit.mean, miss.mean, database.mean),
  }
}

/** h·hit + (1 − h)·miss = database, for the share of hits h. */
export function breakEven(hit: Ms, miss: Ms, database: Ms): number | undefined {
  if (hit >= database) return undefined
  return Math.max(0, (miss - database) / (miss - hit))
}
