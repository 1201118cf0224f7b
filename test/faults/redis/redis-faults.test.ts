/** The Redis faults on a real server: whom they hit, that nobody gets through, and that the server is as it was afterwards. */
import {Redis, type RedisOptions} from 'ioredis'
import {afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi} from 'vitest'
import {TargetError, UsageError} from '../../../src/lib/base/errors.js'
import {redisDisconnect} from '../../../src/lib/faults/redis/disconnect.js'
import {redisKill} from '../../../src/lib/faults/redis/kill.js'
import {redisMaxClients, undoRedisMaxClients} from '../../../src/lib/faults/redis/max-clients.js'
import {redisPauseWrite} from '../../../src/lib/faults/redis/pause-write.js'
import type {MakeInjector} from '../../../src/lib/faults/injector.js'
import {realServers, startRedis, type RedisService} from '../../../src/lib/targets/embedded/redis.js'
import {injectElsewhere} from '../killed.js'
import {during, kitFor, plan, type Parameters} from '../trial.js'
import {startCrowd, type Crowd} from './crowd.js'

const WITHIN_10_S = {timeout: 10_000, interval: 20}
const ALL: readonly (readonly [string, MakeInjector])[] = [
  ['redis.disconnect', redisDisconnect],
  ['redis.kill', redisKill],
  ['redis.pause-write', redisPauseWrite],
  ['redis.max-clients', redisMaxClients],
]

/** As docs/faults-servers.md names them. */
const RIGHTS =
  'resetkeys resetchannels -@all +ping +info +client|setname +client|list +client|kill +client|pause +client|unpause +config|get +config|set'.split(
    ' ',
  )

let service: RedisService
let operator: Redis
let crowd: Crowd | undefined
const clients: Redis[] = []

/** Never comes back when it is cut off. */
async function client(options: RedisOptions = {}, url = service.url): Promise<Redis> {
  const redis = new Redis(url, {lazyConnect: true, retryStrategy: () => null, disableClientInfo: true, ...options})
  redis.on('error', () => undefined)
  clients.push(redis)
  await redis.connect()
  return redis
}

function operatorOf({url}: RedisService): Redis {
  const redis = new Redis(url, {connectionName: 'operator'})
  redis.on('error', () => undefined)
  return redis
}

const isUp = ({status}: Redis) => status === 'ready'
const upOf = (some: readonly Redis[]) => some.filter(isUp).length

/** What must be the same before and after. */
async function stateOf(redis: Redis): Promise<unknown> {
  const config = await redis.config('GET', '*')
  const list = String(await redis.client('LIST'))
  return {config, ours: list.split('\n').filter((line) => line.includes(' name=proofload'))}
}

async function moves(): Promise<void> {
  const before = crowd?.done ?? 0
  await vi.waitFor(() => expect(crowd?.done).toBeGreaterThan(before + 100), WITHIN_10_S)
}

afterEach(() => {
  crowd?.stop()
  crowd = undefined
  for (const each of clients.splice(0)) each.disconnect()
})

describe.each(['real', 'fallback'] as const)('redis.disconnect on the %s server', (kind) => {
  const missing = kind === 'real' && realServers().length === 0

  beforeAll(async () => {
    if (!missing) service = await startRedis({prefer: kind})
  })
  afterAll(async () => {
    if (!missing) await service[Symbol.asyncDispose]()
  })

  async function comeBack(times: number): Promise<void> {
    const before = crowd?.connects ?? 0
    await vi.waitFor(() => expect(crowd?.connects).toBeGreaterThan(before + times), WITHIN_10_S)
  }

  test.skipIf(missing)(
    'lets no operation of clients through that come back at once, and all of them afterwards',
    async () => {
      crowd = startCrowd(service.port, 20)
      await moves()
      await during(redisDisconnect, plan('redis.disconnect'), kitFor({redis: service.url}), async (injector) => {
        await injector.inject()
        // Answers from before are still on their way to the crowd; once all have come back to the door, none is.
        await comeBack(50)
        const done = crowd?.done ?? 0
        await comeBack(100)
        const leaked = (crowd?.done ?? 0) - done
        await injector.revert()
        await moves()
        expect(leaked).toBe(0)
        expect(injector.evidence()['kills']).toBeGreaterThan(100)
        if (kind === 'real') expect(injector.evidence()['leakedOperations']).toBe(0)
      })
      await moves()
    },
  )
})

describe.skipIf(realServers().length === 0)('with a redis-server (needs one on PATH)', () => {
  beforeAll(async () => {
    service = await startRedis()
    operator = operatorOf(service)
    await operator.call('ACL', 'SETUSER', 'chat', 'on', '>pw', '~*', '&*', '+@all')
    await operator.call('ACL', 'SETUSER', 'chaos', 'on', '>pw', ...RIGHTS)
    await operator.call('ACL', 'SETUSER', 'weak', 'on', '>pw', '+client|list', '+client|setname', '+info')
  })
  afterAll(async () => {
    operator.disconnect()
    await service[Symbol.asyncDispose]()
  })

  describe('redis.kill', () => {
    let normal: Redis[]
    let chat: Redis
    let subscriber: Redis

    beforeEach(async () => {
      normal = await Promise.all(Array.from({length: 4}, () => client()))
      chat = await client({username: 'chat', password: 'pw'})
      subscriber = await client()
      await subscriber.subscribe('room')
    })

    test.each<[string, Parameters, {normal: number; chat: number; subscriber: number}]>([
      ['the subscribers alone', {type: 'pubsub'}, {normal: 4, chat: 1, subscriber: 0}],
      ['the clients of one user alone', {type: 'all', user: 'chat'}, {normal: 4, chat: 0, subscriber: 1}],
      ['nobody, when nobody fits', {type: 'pubsub', user: 'chat'}, {normal: 4, chat: 1, subscriber: 1}],
      ['nobody at an address where nobody is', {type: 'all', address: '10.9.9.9'}, {normal: 4, chat: 1, subscriber: 1}],
    ])('hits %s', async (_, parameters, left) => {
      await during(redisKill, plan('redis.kill', parameters), kitFor({redis: service.url}), async (injector) => {
        await injector.inject()
        const hit = 6 - left.normal - left.chat - left.subscriber
        expect(injector.evidence()).toEqual({matched: hit, kills: hit})
      })
      await vi.waitFor(() => {
        expect({normal: upOf(normal), chat: upOf([chat]), subscriber: upOf([subscriber])}).toEqual(left)
      }, WITHIN_10_S)
    })

    test('hits half of those that fit, when it is asked for half, and never a connection of ours', async () => {
      const kit = kitFor({redis: service.url})
      const other = redisDisconnect(plan('redis.disconnect'), kit)
      await other.prepare()
      const parameters = {type: 'normal', share: 0.5, address: '127.0.0.1'}
      await during(redisKill, plan('redis.kill', parameters), kit, async (injector) => {
        await injector.inject()
        // The operator fits too: it comes back.
        expect(injector.evidence()).toEqual({matched: 6, kills: 3})
        expect(await operator.client('LIST')).toMatch(/name=proofload:trial/)
      })
      await other.close()
    })
  })

  test('redis.pause-write holds a write back and lets reads through', async () => {
    const [reader, writer] = [await client(), await client()]
    await during(redisPauseWrite, plan('redis.pause-write'), kitFor({redis: service.url}), async (injector) => {
      await injector.inject()
      let written = false
      const write = writer.set('held', 1).then(() => (written = true))
      await reader.get('held')
      await reader.get('held')
      expect(written).toBe(false)
      await injector.revert()
      await write
    })
  })

  test('redis.max-clients refuses who is new, keeps who is there, and gives the old limit back', async () => {
    const old = await client()
    const before = await operator.config('GET', 'maxclients')
    await during(
      redisMaxClients,
      plan('redis.max-clients', {limit: 1}),
      kitFor({redis: service.url}),
      async (injector) => {
        expect(await injector.undoing?.()).toEqual({had: Number((before as string[])[1]), set: 1})
        await injector.inject()
        await expect(client().then((redis) => redis.ping())).rejects.toThrow()
        expect(await old.ping()).toBe('PONG')
        await injector.revert()
        await injector.revert()
        expect(await operator.config('GET', 'maxclients')).toEqual(before)
      },
    )
  })

  test.each<[string, MakeInjector, Parameters]>([
    ['redis.disconnect', redisDisconnect, {}],
    ['redis.kill', redisKill, {type: 'all'}],
    ['redis.pause-write', redisPauseWrite, {}],
    ['redis.max-clients', redisMaxClients, {limit: 20}],
  ])('with no more rights than the docs name, %s leaves the server as it was', async (name, make, parameters) => {
    const quiet = await client()
    const before = await stateOf(quiet)
    const kit = kitFor({redis: service.url.replace('//', '//chaos:pw@')})
    await during(make, plan(name, parameters), kit, async (injector) => {
      await injector.undoing?.()
      await injector.inject()
    })
    const after = await client()
    await vi.waitFor(async () => expect(await stateOf(after)).toEqual(before), WITHIN_10_S)
    expect(await after.set('alive', 1)).toBe('OK')
  })

  test.each(ALL)('%s is refused to a user without the privilege, and names the way out', async (name, make) => {
    const injector = make(plan(name), kitFor({redis: service.url.replace('//', '//weak:pw@')}))
    const refusal = await injector.prepare().then(
      () => undefined,
      (error: unknown) => error,
    )
    await injector.close()
    expect(refusal).toBeInstanceOf(UsageError)
    expect(refusal).toMatchObject({hint: expect.stringContaining('net.down(proxy=redis)') as string})
  })

  test.each<[string, string, typeof TargetError | typeof UsageError]>([
    ['where nobody listens', 'redis://127.0.0.1:1', TargetError],
    ['with a wrong password', 'redis://chat:wrong@HOST', TargetError],
    ['of a cluster', 'redis+cluster://HOST', UsageError],
    ['that is none', 'HOST', UsageError],
  ])('a URL %s is told before anything is harmed', async (_, url, kind) => {
    const kit = kitFor({redis: url.replace('HOST', `127.0.0.1:${service.port}`)})
    const injector = redisDisconnect(plan('redis.disconnect'), kit)
    await expect(injector.prepare()).rejects.toBeInstanceOf(kind)
    await injector.revert()
    await injector.close()
  })

  test.each<[string, readonly [string, string, string]]>([
    ['redis.disconnect', ['redis/disconnect', 'redisDisconnect', 'redis.disconnect']],
    ['redis.pause-write', ['redis/pause-write', 'redisPauseWrite', 'redis.pause-write']],
  ])('%s ends by itself when its process is killed', async (_, fault) => {
    const {kill} = await injectElsewhere(fault, {redis: service.url})
    crowd = startCrowd(service.port, 3)
    await kill()
    await moves()
  })

  test('a later process undoes redis.max-clients when there is room for it', async () => {
    const before = await operator.config('GET', 'maxclients')
    const fault = ['redis/max-clients', 'redisMaxClients', 'redis.max-clients'] as const
    const {undoing, kill} = await injectElsewhere(fault, {redis: service.url}, {limit: 1})
    await kill()
    const undone = undoRedisMaxClients(undoing, service.url)
    // It waits for the place of the last one that is connected.
    operator.disconnect()
    await undone
    operator = operatorOf(service)
    expect(await operator.config('GET', 'maxclients')).toEqual(before)
  })

  test.each<[string, MakeInjector, Parameters]>([
    ['redis.disconnect', redisDisconnect, {}],
    ['redis.pause-write', redisPauseWrite, {}],
    ['redis.max-clients', redisMaxClients, {limit: 1}],
  ])('%s is reverted although the server went away and came back meanwhile', async (name, make, parameters) => {
    const first = await startRedis()
    const {port} = first
    await during(make, plan(name, parameters), kitFor({redis: first.url}), async (injector) => {
      await injector.undoing?.()
      await injector.inject()
      await first[Symbol.asyncDispose]()
      const starting = startRedis({pickPort: () => Promise.resolve(port)})
      // As the agent does, again and again; until then the server that comes back is disturbed as well, and may look dead to its guardian.
      await vi.waitFor(() => injector.revert(), WITHIN_10_S)
      await using second = await starting
      const late = await client({}, second.url)
      expect(await late.set('alive', 1)).toBe('OK')
      expect(await late.config('GET', 'maxclients')).not.toContain('1')
      await injector.close()
    })
  })
})
