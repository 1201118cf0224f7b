import {randomUUID} from 'node:crypto'
import {Redis} from 'ioredis'
import {Client} from 'pg'
import {afterAll, beforeAll, describe, expect, test, vi} from 'vitest'
import {HostClock} from '../../src/lib/base/clock.js'
import {breakRedisLock} from '../../src/lib/faults/journal/redis-lock.js'
import {type PostgresService, startPostgres} from '../../src/lib/targets/embedded/postgres.js'
import {type RedisService, startRedis} from '../../src/lib/targets/embedded/redis.js'
import {agentFor, agentPid, optionsFor, state} from './victim.js'

const clock = new HostClock()
const KEY = 'proofload:lock'

/** Another machine's run has a state directory of its own, so that it meets the lock on the server only. */
function elsewhere(): {readonly directory: string} {
  return {directory: `${state.directory}/${randomUUID()}`}
}

describe('the lock on a Redis', () => {
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

  const run = (text: string, runId: string, journal = elsewhere()) =>
    agentFor({...optionsFor([text], [], {redis: service.url}), runId, journal})

  test('keeps the run of another machine off, expires by itself, and is gone with its run', async () => {
    const first = await run('redis.pause-write at 0s for 200ms', 'first')
    expect(await redis.pttl(KEY)).toBeGreaterThan(0)
    await expect(run('redis.disconnect at 0s for 1s', 'second')).rejects.toThrow(
      /^redis 127\.0\.0\.1:\d+ is disturbed by another run: 'proofload .*', process \d+ on /,
    )
    first.start(clock.now())
    await vi.waitFor(() => expect(first.records[0]?.outcome).toBe('reverted'), {timeout: 10_000})
    await first[Symbol.asyncDispose]()
    expect(await redis.exists(KEY)).toBe(0)
  })

  test('of a run that was killed on this host is taken over', async () => {
    await run('redis.kill at 10s', 'first', state)
    process.kill(await agentPid(), 'SIGKILL')
    await expect
      .poll(() =>
        run('redis.kill at 10s', 'second').then(
          () => 'taken',
          () => 'held',
        ),
      )
      .toBe('taken')
    await redis.del(KEY)
  })

  test('is broken by force', async () => {
    await redis.set(KEY, 'by nobody that we know')
    await expect(run('redis.kill at 0s', 'first')).rejects.toThrow(`its key ${KEY} is set`)
    await breakRedisLock(service.url)
    await run('redis.kill at 0s', 'first')
  })

  test('is left out where the user may not write it', async ({skip}) => {
    if (service.kind === 'fallback') skip('needs a real redis-server: ACL')
    await redis.call('ACL', 'SETUSER', 'chaos', 'on', '>pw', 'resetkeys', '-@all', '+@connection', '+client', '+info')
    const url = service.url.replace('://', '://chaos:pw@')
    const agent = await agentFor({...optionsFor(['redis.kill at 0s'], [], {redis: url}), journal: elsewhere()})
    expect(agent.previews).toHaveLength(1)
    expect(await redis.exists(KEY)).toBe(0)
  })
})

describe('the lock on a Postgres', () => {
  let service: PostgresService

  beforeAll(async () => {
    service = await startPostgres()
  })

  afterAll(async () => {
    await service[Symbol.asyncDispose]()
  })

  const run = (runId: string) =>
    agentFor({...optionsFor(['pg.cancel at 10s'], [], {postgres: service.adminUrl}), runId, journal: elsewhere()})

  test('keeps the run of another machine off, and goes with its session', async () => {
    const first = await run('first')
    await expect(run('second')).rejects.toThrow(
      /^postgres 127\.0\.0\.1:\d+ is disturbed by another run: the session 'proofload:first' from 127\.0\.0\.1/,
    )
    await first[Symbol.asyncDispose]()
    await using third = await run('third')
    expect(third.previews).toHaveLength(1)
    const client = new Client({connectionString: service.adminUrl})
    await client.connect()
    const {rows} = await client.query("SELECT 1 FROM pg_locks WHERE locktype = 'advisory'")
    await client.end()
    expect(rows).toHaveLength(1)
  })
})
