/** The nodes' links to Redis and Postgres: through the fault proxy, so that a fault can be put on them. */
import {startProxies} from '../../faults/proxy/start.js'
import type {PostgresService} from '../embedded/postgres.js'
import type {RedisService} from '../embedded/redis.js'

export interface Services {
  readonly redis: RedisService
  readonly postgres: PostgresService
}

export interface Links extends AsyncDisposable {
  readonly redisUrl: string
  /** One for each shard. */
  readonly storeUrls: readonly string[]
  /** Of the proxies `redis` and `postgres`. */
  readonly api: string
  /** Resolves with the reason when the proxy ends unasked. */
  readonly died: Promise<string>
}

/** One process for both servers. Rejects when it cannot listen. */
export async function openLinks({redis, postgres}: Services, stores: readonly string[]): Promise<Links> {
  const proxies = await startProxies([
    {name: 'redis', upstream: new URL(redis.url).host},
    {name: 'postgres', upstream: new URL(postgres.url).host},
  ])
  const {api, died, listens} = proxies
  return {
    redisUrl: through(listens['redis'], redis.url),
    storeUrls: stores.map((url) => through(listens['postgres'], url)),
    api,
    died,
    [Symbol.asyncDispose]: () => proxies[Symbol.asyncDispose](),
  }
}

/** A node that is told `postgres://name:secret@127.0.0.1:20001/db` at 127.0.0.1:20002 talks to the proxy there. */
function through(listen: string | undefined, url: string): string {
  return url.replace(new URL(url).host, listen ?? '')
}
