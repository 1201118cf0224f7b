/** Watching a real Postgres and a real Redis: what they tell, with how little, and what is said when they do not answer. */
import {Redis} from 'ioredis'
import {Client} from 'pg'
import {afterAll, afterEach, beforeAll, describe, expect, test} from 'vitest'
import {HostClock} from '../../src/lib/base/clock.js'
import {TargetError} from '../../src/lib/base/errors.js'
import {startPostgres, type PostgresService} from '../../src/lib/targets/embedded/postgres.js'
import {freePort} from '../../src/lib/targets/embedded/ports.js'
import {realServers, startRedis, type RedisService} from '../../src/lib/targets/embedded/redis.js'
import {parseWatches} from '../../src/lib/watch/grammar.js'
import {openWatcher} from '../../src/lib/watch/open-watcher.js'
import {startWatch} from '../../src/lib/watch/watch.js'
import type {Watcher} from '../../src/lib/watch/watcher.js'
import {secondsApart} from './kit.js'

const opened: Watcher[] = []

function watcherOf(text: string) {
  const [spec] = parseWatches([text])
  if (spec === undefined) throw new Error('nothing to watch')
  const {kit, pass} = secondsApart()
  const watcher = openWatcher(spec, kit)
  opened.push(watcher)
  return {watcher, pass}
}

async function refusal(text: string): Promise<TargetError> {
  const kit = {clock: new HostClock(), certificates: {insecure: false}, signal: new AbortController().signal}
  const failed = await startWatch(parseWatches([text]), kit).then(
    () => undefined,
    (error: unknown) => error,
  )
  if (!(failed instanceof TargetError)) throw new Error('it was not refused', {cause: failed})
  return failed
}

afterEach(async () => {
  for (const watcher of opened.splice(0)) await watcher.close()
})

describe('a Postgres', () => {
  let service: PostgresService
  const clients: Client[] = []

  async function client(url = service.adminUrl): Promise<Client> {
    const made = new Client({connectionString: url})
    made.on('error', () => undefined)
    await made.connect()
    clients.push(made)
    return made
  }

  beforeAll(async () => {
    service = await startPostgres({settings: {max_connections: '40'}})
  })

  afterEach(async () => {
    for (const one of clients.splice(0)) await one.end()
  })

  afterAll(() => service[Symbol.asyncDispose]())

  test('tells a superuser everything; rates come with the second look', async () => {
    const {watcher, pass} = watcherOf(service.adminUrl)
    const first = await watcher.sample()
    expect(Object.keys(first).sort()).toEqual(['active', 'connections', 'connections_used', 'waiting_on_locks'])
    const [one, two] = [await client(), await client()]
    await pass()
    const second = await watcher.sample()
    expect(second['connections']).toBe((first['connections'] ?? 0) + 2)
    expect(second['connections_used']).toBe((second['connections'] ?? 0) / 40)
    await one.query('CREATE TABLE written (line text)')
    await two.query("INSERT INTO written SELECT repeat('x', 100) FROM generate_series(1, 1000)")
    await pass()
    expect((await watcher.sample())['wal_bytes']).toBeGreaterThan(100_000)
    // A session of Postgres tells its statistics once a second at most.
    const seen = new Set<string>()
    const look = async () => {
      await two.query('SELECT count(*) FROM written')
      await pass()
      for (const name of Object.keys(await watcher.sample())) seen.add(name)
      return [...seen]
    }
    await expect
      .poll(look, {timeout: 20_000, interval: 100})
      .toEqual(expect.arrayContaining(['commits', 'rollbacks', 'deadlocks', 'cache_hit']))
  })

  test('tells who runs a statement and who waits for a lock', async () => {
    const {watcher} = watcherOf(service.adminUrl)
    const [holder, waiter] = [await client(), await client()]
    await holder.query('CREATE TABLE IF NOT EXISTS held (line text)')
    await holder.query('BEGIN; LOCK TABLE held')
    const waiting = waiter.query('SELECT * FROM held')
    await expect.poll(async () => (await watcher.sample())['waiting_on_locks'], {timeout: 10_000}).toBe(1)
    expect((await watcher.sample())['active']).toBe(1)
    await holder.query('COMMIT')
    await waiting
    expect((await watcher.sample())['waiting_on_locks']).toBe(0)
  })

  test('needs no privilege; what it may not see is left out, and not taken for nothing', async () => {
    const {watcher} = watcherOf(service.url)
    const alone = await watcher.sample()
    expect(alone['active']).toBe(0)
    await client()
    const beside = await watcher.sample()
    expect(beside['connections']).toBe((alone['connections'] ?? 0) + 1)
    expect(beside).not.toHaveProperty('active')
  })

  test('it is one read-only session that says whose it is, and is gone afterwards', async () => {
    const {watcher} = watcherOf(service.url)
    await watcher.sample()
    await watcher.sample()
    const admin = await client()
    const ours = async () => {
      const {rows} = await admin.query<{count: number}>(
        "SELECT count(*)::int FROM pg_stat_activity WHERE application_name = 'proofload-watch'",
      )
      return rows[0]?.count
    }
    expect(await ours()).toBe(1)
    await watcher.close()
    await expect.poll(ours, {timeout: 10_000}).toBe(0)
  })

  test('one whose session was ended fails once and is back with the next look', async () => {
    const {watcher} = watcherOf(service.url)
    await watcher.sample()
    const admin = await client()
    await admin.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'proofload-watch'",
    )
    await expect
      .poll(async () => Object.keys(await watcher.sample().catch(() => ({}))), {timeout: 10_000})
      .toContain('connections')
  })

  test('a wrong password is refused before the run, without showing it', async () => {
    const wrong = service.url.replace(/:[0-9a-f]{48}@/, ':hunter2@')
    const {message, hint} = await refusal(`shard=${wrong}`)
    expect(message).toMatch(
      /^--watch shard: postgres at 127\.0\.0\.1:\d+ cannot be watched: password authentication failed/,
    )
    expect(message).not.toContain('hunter2')
    expect(hint).toBe('check user and password in its URL')
  })
})

describe.skipIf(realServers().length === 0)('a real Redis (skipped without redis-server on PATH)', () => {
  let service: RedisService
  let redis: Redis

  beforeAll(async () => {
    service = await startRedis()
    redis = new Redis(service.url)
  })

  afterAll(async () => {
    redis.disconnect()
    await service[Symbol.asyncDispose]()
  })

  test('tells its memory, clients and commands', async () => {
    await redis.config('SET', 'maxmemory', '64mb')
    const {watcher, pass} = watcherOf(service.url)
    const first = await watcher.sample()
    expect(first['memory']).toBe((first['memory_bytes'] ?? 0) / (64 * 2 ** 20))
    expect(first['connections_used']).toBe((first['connections'] ?? 0) / 10_000)
    expect(first).toMatchObject({connections: 2, blocked_clients: 0})
    for (let count = 0; count < 200; count++) await redis.incr('count')
    await pass()
    const second = await watcher.sample()
    // 200 of the test, and one INFO of the watcher.
    expect(second['operations']).toBe(201)
    expect(second['cpu']).toBeGreaterThan(0)
    expect(second['cpu']).toBeLessThanOrEqual(1)
    expect(second['evictions']).toBe(0)
  })

  test('tells that a client reads too slowly, and that one is blocked', async () => {
    const {watcher} = watcherOf(service.url)
    const [slow, blocked] = [redis.duplicate(), redis.duplicate()]
    try {
      await slow.subscribe('news')
      slow.stream.pause()
      void blocked.blpop('nothing', 0).catch(() => undefined)
      const news = 'x'.repeat(2 ** 20)
      for (let count = 0; count < 16; count++) await redis.publish('news', news)
      await expect
        .poll(async () => (await watcher.sample())['largest_output_buffer'], {timeout: 10_000})
        .toBeGreaterThan(2 ** 20)
      expect((await watcher.sample())['blocked_clients']).toBe(1)
    } finally {
      slow.disconnect()
      blocked.disconnect()
    }
  })

  test('it is one connection that says whose it is', async () => {
    const {watcher} = watcherOf(service.url)
    await watcher.sample()
    const list = async () => String(await redis.client('LIST')).match(/ name=proofload-watch /g)?.length ?? 0
    expect(await list()).toBe(1)
    await watcher.close()
    await expect.poll(list, {timeout: 10_000}).toBe(0)
  })

  test('one that was cut off is back with a later look', async () => {
    const {watcher} = watcherOf(service.url)
    await watcher.sample()
    await redis.client('KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
    await expect
      .poll(async () => Object.keys(await watcher.sample().catch(() => ({}))), {timeout: 10_000})
      .toContain('connections')
  })

  test('a user who may only read INFO suffices; one who may not is told what it takes', async () => {
    await redis.call('ACL', 'SETUSER', 'watcher', 'on', '>hunter2', '+info')
    await redis.call('ACL', 'SETUSER', 'nobody', 'on', '>hunter2', '-@all')
    const as = (user: string) => service.url.replace('//', `//${user}:hunter2@`)
    const {watcher} = watcherOf(as('watcher'))
    expect((await watcher.sample())['connections']).toBeGreaterThan(0)
    const {message, hint} = await refusal(as('nobody'))
    expect(message).not.toContain('hunter2')
    expect(hint).toBe('watching takes the command INFO: ACL SETUSER <user> +info')
  })

  test('a wrong password is refused before the run', async () => {
    expect((await refusal(service.url.replace('//', '//watcher:wrong@'))).hint).toBe(
      'check user and password in its URL',
    )
  })
})

test.each(['redis', 'postgres', 'http', 'rabbitmq+http'])('nobody there: %s', async (scheme) => {
  const {message, hint, exitCode} = await refusal(`${scheme}://127.0.0.1:${await freePort()}`)
  expect(message).toContain('ECONNREFUSED')
  expect(hint).toBe('check that it runs, and its address')
  expect(exitCode).toBe(69)
})
