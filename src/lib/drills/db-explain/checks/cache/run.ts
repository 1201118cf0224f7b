/** Tries what a cache in Redis brings to the hottest query, and whether it ever tells what is no longer true. */
import {SECOND, type Ms} from '../../../../base/units.js'
import {connect, type Door} from '../../../../protocols/postgres/connect.js'
import type {Session} from '../../../../protocols/postgres/session.js'
import {parseRedisUrl} from '../../../../protocols/redis/address.js'
import {connectRedis, type RedisClient} from '../../../../protocols/redis/connect.js'
import {unusable} from '../../../../protocols/redis/trouble.js'
import type {Certificates} from '../../../../protocols/tls.js'
import type {BoundQuery} from '../../query.js'
import type {CheckKit} from '../check.js'
import {CORRECT, type CacheRules} from './cache-aside.js'
import {hotQueryOf, type HotQuery} from './hot-query.js'
import {readHot, type HotReads} from './hot-reads.js'
import {inTurn} from './in-turn.js'
import {lookUpMembers, type SetLookups} from './set-lookups.js'
import {countStaleReads, type StaleReads} from './stale-reads.js'
import {stampede, type Stampede} from './stampede.js'

const SESSIONS = 4
const TAKES: Ms = 2 * SECOND

export interface CacheOrder {
  readonly door: Door
  /** Undefined: there is no Redis to try. */
  readonly redis: {readonly url: string; readonly tls: Certificates; readonly timeoutMs: Ms} | undefined
  readonly queries: readonly BoundQuery[]
  /** The database is ours: a table is made in it and written to. */
  readonly own: boolean
  /** Unique to this run, [0-9a-z]{8}. */
  readonly runId: string
  /** How the cache is kept; a defect is handed in to see it noticed. */
  readonly rules?: CacheRules
  /** At most so long each: reads of the hot query, and reads under writes. */
  readonly takesMs?: Ms
}

export interface CacheFacts {
  readonly trouble: string | undefined
  readonly hot: HotReads | undefined
  readonly stampede: Stampede | undefined
  readonly members: SetLookups | undefined
  /** Undefined: nothing was written, as the database is not ours. */
  readonly stale: StaleReads | undefined
}

const NOTHING = {hot: undefined, stampede: undefined, members: undefined, stale: undefined}

/** Rejects when Postgres cannot be used; a Redis that cannot is told in the facts. */
export async function runCache(order: CacheOrder, kit: CheckKit): Promise<CacheFacts> {
  if (order.redis === undefined) return {...NOTHING, trouble: 'there is no Redis to try'}
  const {url, tls, timeoutMs} = order.redis
  const address = parseRedisUrl(url)
  const client = connectRedis({address, tls, timeoutMs, retryDelay: () => null})
  let lost: unknown
  client.on('error', (error: unknown) => (lost ??= error))
  const over = new AbortController()
  const sessions: Session[] = []
  try {
    await client.connect()
    void watchOver(client, {clock: kit.clock, timeoutMs, over: over.signal})
    while (sessions.length < SESSIONS) sessions.push(await connect(order.door))
    return await tryAll(order, {client, sessions}, kit)
  } catch (error) {
    if (client.status === 'ready') throw error
    return {...NOTHING, trouble: unusable(address.place, lost ?? error).message}
  } finally {
    over.abort()
    client.disconnect()
    await Promise.all(sessions.map((session) => session.end()))
  }
}

interface Watch {
  readonly clock: CheckKit['clock']
  readonly timeoutMs: Ms
  readonly over: AbortSignal
}

/** Commands have no limit of their own: a server that is silent for so long is cut off, which ends them all. */
async function watchOver(client: RedisClient, {clock, timeoutMs, over}: Watch): Promise<void> {
  const isOver = () => over.aborted
  while (!isOver()) {
    const silent = Symbol('silent')
    const answer = client.ping().catch(() => undefined)
    const first = await Promise.race([answer, clock.sleep(timeoutMs, over).then(() => silent)])
    if (first === silent && !isOver()) client.disconnect()
    await clock.sleep(timeoutMs, over)
  }
}

interface Links {
  readonly client: RedisClient
  readonly sessions: readonly Session[]
}

async function tryAll(order: CacheOrder, {client, sessions}: Links, kit: CheckKit): Promise<CacheFacts> {
  const {queries, own, runId, rules = CORRECT, takesMs = TAKES} = order
  const prefix = `proofload-${runId}-cache:`
  const [session] = sessions
  const hot = session && (await hotQueryOf(session, queries))
  kit.note({phase: 'checks', text: `cache: ${hot?.name ?? 'no query'} through Redis`})
  const place = {client, prefix}
  const table = `proofload_${runId}_cache`
  return {
    trouble: undefined,
    hot: hot && (await readHot(hot, session, {...place, takesMs, kit})),
    stampede: hot && (await stampede({...place, fetch: fetcher(hot, sessions)}, kit)),
    members: await lookUpMembers(place, kit),
    stale: own ? await countStaleReads({...place, rules, takesMs, sessions, table}, kit) : undefined,
  }
}

/** One key of the query, over all sessions in turn. */
function fetcher({sql, keys}: HotQuery, sessions: readonly Session[]): () => Promise<string> {
  const ask = inTurn(sessions)
  return async () => JSON.stringify((await ask((session) => session.read(sql, keys[0] ?? []))).rows)
}
