/** The checks that load a real Postgres and a Redis: each sees its planted fault, and is silent without. */
import {Redis} from 'ioredis'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {seededRandom} from '../../../../src/lib/base/random.js'
import {CacheAside, CORRECT, type CacheRules} from '../../../../src/lib/drills/db-explain/checks/cache/cache-aside.js'
import {judgeCache} from '../../../../src/lib/drills/db-explain/checks/cache/judge.js'
import {runCache, type CacheOrder} from '../../../../src/lib/drills/db-explain/checks/cache/run.js'
import {judgeInserts} from '../../../../src/lib/drills/db-explain/checks/inserts/judge.js'
import {runInserts} from '../../../../src/lib/drills/db-explain/checks/inserts/run.js'
import {judgePool} from '../../../../src/lib/drills/db-explain/checks/pool/judge.js'
import {runPool} from '../../../../src/lib/drills/db-explain/checks/pool/run.js'
import type {Session} from '../../../../src/lib/protocols/postgres/session.js'
import {freePort} from '../../../../src/lib/targets/embedded/ports.js'
import {startPostgres, type PostgresService} from '../../../../src/lib/targets/embedded/postgres.js'
import {startRedis, type RedisService} from '../../../../src/lib/targets/embedded/redis.js'
import {bound, catalogue, doorTo, kit, sessionOn, slicesOf, verdictOn} from './kit.js'

let service: PostgresService
let session: Session

const BY_ROOM = bound('room', 'SELECT id, body FROM "Messages" WHERE room = $1 ORDER BY id LIMIT 20', [['1']])

beforeAll(async () => {
  service = await startPostgres({settings: {max_connections: '20'}})
  session = await sessionOn(service.url)
  await session.run(`
    CREATE TABLE "Messages" (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, room int NOT NULL, body text, size int GENERATED ALWAYS AS (length(body)) STORED);
    INSERT INTO "Messages" (room, body) SELECT n % 40, 'body ' || n FROM generate_series(1, 2000) AS n;
    CREATE INDEX ON "Messages" (room, id);
    CREATE TABLE members (room int, person int, PRIMARY KEY (room, person));
    INSERT INTO members SELECT n % 10, n FROM generate_series(1, 50) AS n;
    ANALYZE`)
})
afterAll(async () => {
  await session.end()
  await service[Symbol.asyncDispose]()
})

const countOf = async (table: string) =>
  (await session.ask<{n: number}>(`SELECT count(*)::int AS n FROM ${table}`))[0]?.n

describe('pool', () => {
  test('sizes up to four times the cores are tried, and a crowded server is said to be one', async () => {
    const facts = await runPool({door: doorTo(service.url), sizeTakesMs: 100, cores: 1, queries: [BY_ROOM]}, kit)
    expect(facts.sizes.map(({size, failed}) => [size, failed])).toEqual([
      [1, {}],
      [2, {}],
      [3, {}],
      [4, {}],
    ])
    const {metrics, sentences} = judgePool(facts)
    expect(slicesOf(metrics['pool_throughput'])).toHaveLength(4)
    expect(verdictOn('pool_throughput > 0/s', metrics)).toBe('pass')
    expect(verdictOn('pool_used < 80%', metrics)).toBe('pass')
    expect(sentences.join(' ')).toContain("Little's law")
  })

  test('a server whose connections are nearly all taken is seen, and gets no more load than it has room for', async () => {
    const others = await Promise.all(Array.from({length: 12}, () => sessionOn(service.url)))
    try {
      const facts = await runPool({door: doorTo(service.url), sizeTakesMs: 100, cores: 8, queries: [BY_ROOM]}, kit)
      expect(Math.max(...facts.sizes.map(({size}) => size))).toBeLessThanOrEqual(3)
      expect(verdictOn('pool_used < 80%', judgePool({...facts, sizes: facts.sizes.slice(-1)}).metrics)).toBe('fail')
    } finally {
      await Promise.all(others.map((other) => other.end()))
    }
  })

  test('queries that fail are told, and make no knee', async () => {
    const facts = await runPool(
      {door: doorTo(service.url), sizeTakesMs: 100, cores: 1, queries: [bound('bad', 'SELECT 1 / 0')]},
      kit,
    )
    const {metrics, sentences} = judgePool({...facts, sizes: facts.sizes.slice(0, 1)})
    expect(verdictOn('pool_used < 80%', metrics)).toBe('inconclusive')
    expect(sentences[0]).toContain('22012')
  })
})

describe('inserts', () => {
  const order = {door: undefined as never, tables: ['"Messages"'], own: true, rate: 100, lengthMs: 300}
  const here = () => ({...order, door: doorTo(service.url)})

  test('rows like those of the table come in at their rate, and stay in a database of ours', async () => {
    const before = (await countOf('"Messages"')) ?? 0
    const facts = await runInserts(here(), kit)
    expect(facts).toMatchObject({
      trouble: undefined,
      table: 'public.Messages',
      due: 30,
      failed: {},
      latency: {count: 30},
    })
    expect(await countOf('"Messages"')).toBe(before + 30)
    expect(verdictOn('insert_errors == 0', judgeInserts(facts).metrics)).toBe('pass')
  })

  test('in a database that is not ours each is rolled back', async () => {
    const before = await countOf('"Messages"')
    const facts = await runInserts({...here(), own: false}, kit)
    expect(facts.latency.count).toBe(30)
    expect(await countOf('"Messages"')).toBe(before)
    expect(judgeInserts(facts).sentences[0]).toContain('rolled back')
  })

  test('what waits for a lock is late from when it was due', async () => {
    const locker = await sessionOn(service.url)
    try {
      await locker.run('BEGIN; LOCK TABLE "Messages" IN EXCLUSIVE MODE')
      const running = runInserts(here(), kit)
      await expect.poll(() => session.ask(`SELECT FROM pg_locks WHERE NOT granted`).then((rows) => rows.length)).toBe(8)
      await kit.clock.sleep(400)
      await locker.run('ROLLBACK')
      const {metrics} = judgeInserts(await running)
      expect(verdictOn('p95(insert_latency) < 50ms', metrics)).toBe('fail')
    } finally {
      await locker.end()
    }
  })

  test('inserts that fail are counted, and are no latency', async () => {
    await session.run(
      `CREATE TABLE picky (id serial, n int); INSERT INTO picky (n) VALUES (1); ALTER TABLE picky ADD CHECK (n > 5) NOT VALID`,
    )
    const {metrics} = judgeInserts(await runInserts({...here(), tables: ['picky']}, kit))
    expect(verdictOn('insert_errors{reason=23514} == 0', metrics)).toBe('fail')
    expect(verdictOn('p95(insert_latency) < 50ms', metrics)).toBe('inconclusive')
  })

  test('a table whose keys we cannot make is left alone, and the next one is taken', async () => {
    expect(await runInserts({...here(), tables: ['members', 'missing']}, kit)).toMatchObject({
      trouble: expect.stringMatching(/members_pkey wants values.*missing is not there/) as string,
    })
    expect((await runInserts({...here(), tables: ['members', '"Messages"']}, kit)).table).toBe('public.Messages')
  })
})

describe.each(['real', 'fallback'] as const)('cache on a %s Redis', (prefer) => {
  let redis: RedisService
  let client: Redis

  beforeAll(async () => {
    redis = await startRedis({prefer})
    client = new Redis(redis.url)
  })
  afterAll(async () => {
    client.disconnect()
    await redis[Symbol.asyncDispose]()
  })

  const orderOf = (more: Partial<CacheOrder> = {}): CacheOrder => ({
    door: doorTo(service.url),
    redis: {url: redis.url, tls: {insecure: false}, timeoutMs: 5000},
    queries: [BY_ROOM],
    own: true,
    runId: 'k3x9a0zz',
    takesMs: 500,
    ...more,
  })

  test('hits, misses and members are measured, one reader in a stampede fetches, and nothing is left behind', async () => {
    const before = await catalogue(session)
    await client.set('of-somebody-else', 'stays')
    const facts = await runCache(orderOf(), kit)
    expect(facts).toMatchObject({
      trouble: undefined,
      hot: {query: 'room', keys: 40},
      stampede: {readers: 50, plain: 50, singleFlight: 1},
      members: {wrong: 0},
      stale: {stale: 0},
    })
    // Of 40 keys, each can be missed once.
    expect((facts.hot?.reads ?? 0) - (facts.hot?.hits ?? 0)).toBeLessThanOrEqual(40)
    expect(facts.stale?.writes).toBeGreaterThan(0)
    expect(await client.keys('*')).toEqual(['of-somebody-else'])
    expect(await catalogue(session)).toEqual(before)
    const {metrics} = judgeCache(facts)
    expect(verdictOn('stale_reads == 0', metrics)).toBe('pass')
    expect(slicesOf(metrics['redis_hit_ratio'])).toMatchObject([{hits: facts.hot?.hits, trials: facts.hot?.reads}])
    expect(verdictOn('p95(redis_set_lookup) < 10m', metrics)).toBe('pass')
  })

  test('a cache that does not forget what was written is seen', async () => {
    const facts = await runCache(orderOf({rules: {...CORRECT, invalidates: false}}), kit)
    expect(verdictOn('stale_reads == 0', judgeCache(facts).metrics)).toBe('fail')
  })

  test.each<[string, CacheRules, string]>([
    ['with a lease, what was read before a write is not kept', CORRECT, 'new'],
    ['without one it is', {invalidates: true, leases: false}, 'old'],
  ])('%s', async (_, rules, expected) => {
    let version = 'old'
    let answer: () => void = () => undefined
    const answered = new Promise<void>((resolve) => (answer = resolve))
    let asked: () => void = () => undefined
    const underWay = new Promise<void>((resolve) => (asked = resolve))
    const fetch = async () => {
      const seen = version
      asked()
      if (seen === 'old') await answered
      return seen
    }
    const {clock} = kit
    const cache = new CacheAside({
      client,
      prefix: `race-${rules.leases}-`,
      rules,
      clock,
      random: seededRandom('race'),
      fetch,
    })
    const slow = cache.read('key')
    await underWay
    version = 'new'
    await cache.forget('key')
    answer()
    await slow
    expect((await cache.read('key')).value).toBe(expected)
    await cache.clear()
  })

  test('a database that is not ours is not written to, and stale reads count as not looked for', async () => {
    const {metrics, sentences} = judgeCache(await runCache(orderOf({own: false}), kit))
    expect(verdictOn('stale_reads == 0', metrics)).toBe('inconclusive')
    expect(sentences.join(' ')).toContain('this database is not ours')
  })
})

test('without a Redis, or with one that is not there, the cache says so', async () => {
  const common = {door: doorTo(service.url), queries: [BY_ROOM], own: true, runId: 'k3x9a0zz'}
  const none = judgeCache(await runCache({...common, redis: undefined}, kit))
  expect(none.sentences[0]).toContain('there is no Redis')
  expect(verdictOn('redis_hit_ratio >= 50%', none.metrics)).toBe('inconclusive')
  const url = `redis://user:hunter2@127.0.0.1:${await freePort()}`
  const gone = judgeCache(await runCache({...common, redis: {url, tls: {insecure: false}, timeoutMs: 2000}}, kit))
  expect(gone.sentences[0]).toMatch(/127\.0\.0\.1.*ECONNREFUSED/)
  expect(gone.sentences.join(' ')).not.toContain('hunter2')
})

test('a Redis that falls silent is cut off after its time, and said to be gone', async () => {
  const redis = await startRedis()
  try {
    const running = runCache(
      {
        door: doorTo(service.url),
        queries: [BY_ROOM],
        own: true,
        runId: 'k3x9a0zz',
        redis: {url: redis.url, tls: {insecure: false}, timeoutMs: 200},
        takesMs: 20_000,
      },
      kit,
    )
    const client = new Redis(redis.url)
    await expect.poll(() => client.dbsize()).toBeGreaterThan(0)
    client.disconnect()
    process.kill(redis.pid, 'SIGSTOP')
    expect((await running).trouble).toContain('cannot be used')
  } finally {
    process.kill(redis.pid, 'SIGCONT')
    await redis[Symbol.asyncDispose]()
  }
})
