import {Redis} from 'ioredis'
import {Client} from 'pg'
import {afterAll, beforeAll, describe, expect, test, vi} from 'vitest'
import {HostClock} from '../../src/lib/base/clock.js'
import {freshSeed, seededRandom} from '../../src/lib/base/random.js'
import type {FaultAgent} from '../../src/lib/faults/agent/agent.js'
import type {FaultGround} from '../../src/lib/faults/fault.js'
import {leftRuns} from '../../src/lib/faults/journal/read-journal.js'
import {recover} from '../../src/lib/faults/journal/recover.js'
import {type PostgresService, startPostgres} from '../../src/lib/targets/embedded/postgres.js'
import {type RedisService, realServers, startRedis} from '../../src/lib/targets/embedded/redis.js'
import {agentFor, agentPid, hasEnded, optionsFor, parentOf, state} from './victim.js'

const clock = new HostClock()
const seed = freshSeed()
const random = seededRandom(seed)
const WITHIN = {timeout: 10_000}

const FAULTS = {
  redis: ['redis.disconnect', 'redis.pause-write', 'redis.max-clients'],
  postgres: ['pg.disconnect', 'pg.lock-table(table=messages)', 'pg.exhaust', 'pg.read-only', 'pg.connection-limit'],
}

let ground: Required<Pick<FaultGround, 'redis' | 'postgres'>>
/** What a fault may change on a server, in words that are the same before and after. */
let lookAt: {redis(): Promise<unknown>; postgres(): Promise<unknown>}

/** Resolves when the fault has been in force for a moment of random length. */
async function inTheMiddle(): Promise<void> {
  await vi.waitFor(() => expect(leftRuns(state.directory)[0]?.left).toHaveLength(1), WITHIN)
  await clock.sleep(random.below(400))
}

// Without a real server the in-process one has nothing to configure.
describe.runIf(process.platform === 'linux' && realServers().length > 0)(
  `a server is as it was, seed ${seed} (needs a redis-server on PATH, and /proc)`,
  () => {
    let services: [RedisService, PostgresService]
    let admin: Client

    beforeAll(async () => {
      services = await Promise.all([startRedis(), startPostgres()])
      ground = {redis: services[0].url, postgres: services[1].adminUrl}
      admin = new Client({connectionString: services[1].adminUrl})
      await admin.connect()
      await admin.query('CREATE TABLE messages (id int)')
      await admin.end()
      lookAt = {redis: () => redisState(ground.redis), postgres: () => postgresState(ground.postgres)}
    })

    afterAll(async () => {
      for (const service of services) await service[Symbol.asyncDispose]()
    })

    // What the others leave behind when nobody is left is tested with their injectors.
    const STICKY = [
      ['redis.max-clients', 'redis'],
      ['pg.read-only', 'postgres'],
      ['pg.connection-limit', 'postgres'],
    ] as const
    const all = (['redis', 'postgres'] as const).flatMap((server) =>
      FAULTS[server].map((call) => [call, server] as const),
    )

    test.each(all)('after %s, when the parent is killed', async (call, server) => {
      const before = await lookAt[server]()
      const parent = await parentOf(optionsFor([`${call} at 0s for 60s`], [], ground), 'busy')
      await inTheMiddle()
      parent.kill('SIGKILL')
      await hasEnded()
      await vi.waitFor(async () => expect(await lookAt[server]()).toEqual(before), WITHIN)
    })

    const ENDS: readonly [string, (agent: FaultAgent) => Promise<void>][] = [
      ['called off, as Ctrl-C does', (agent) => agent.revertAll()],
      ['let go of, as a drill does that throws', async (agent) => await agent[Symbol.asyncDispose]()],
    ]

    test.each(all.flatMap(([call, server]) => ENDS.map(([how, end]) => ({call, server, how, end}))))(
      'after $call, when it is $how',
      async ({call, server, end}) => {
        const before = await lookAt[server]()
        const agent = await agentFor(optionsFor([`${call} at 0s for 60s`], [], ground))
        agent.start(clock.now())
        await vi.waitFor(() => expect(agent.records).toMatchObject([{outcome: 'active'}]), WITHIN)
        await inTheMiddle()
        await end(agent)
        expect(agent.records).toMatchObject([{outcome: 'reverted'}])
        await agent[Symbol.asyncDispose]()
        await vi.waitFor(async () => expect(await lookAt[server]()).toEqual(before), WITHIN)
      },
    )

    test.each(STICKY)(
      'after %s, when parent and agent are killed, and what they left is recovered',
      async (call, server) => {
        const before = await lookAt[server]()
        const parent = await parentOf(optionsFor([`${call} at 0s for 60s`], [], ground), 'busy')
        await inTheMiddle()
        const agent = await agentPid()
        process.kill(agent, 'SIGSTOP')
        parent.kill('SIGKILL')
        process.kill(agent, 'SIGKILL')
        const where = {...ground, proxies: {}, nodes: []}
        await vi.waitFor(async () => {
          await recover({state: state.directory, ground: where, force: false, now: () => clock.date()})
          expect(leftRuns(state.directory)).toEqual([])
        }, WITHIN)
        await vi.waitFor(async () => expect(await lookAt[server]()).toEqual(before), WITHIN)
      },
    )

    test('after redis.max-clients, when the server gives no answer for two seconds', async () => {
      const before = await lookAt.redis()
      const agent = await agentFor(optionsFor(['redis.max-clients at 0s for 1s'], [], ground))
      agent.start(clock.now())
      await inTheMiddle()
      process.kill(services[0].pid, 'SIGSTOP')
      await clock.sleep(2000)
      process.kill(services[0].pid, 'SIGCONT')
      await vi.waitFor(() => expect(agent.records[0]?.outcome).toBe('reverted'), WITHIN)
      await agent[Symbol.asyncDispose]()
      await vi.waitFor(async () => expect(await lookAt.redis()).toEqual(before), WITHIN)
    })
  },
)

async function redisState(url: string): Promise<unknown> {
  const redis = new Redis(url, {retryStrategy: () => null, commandTimeout: 3000})
  redis.on('error', () => undefined)
  try {
    const clients = String(await redis.client('LIST'))
    await redis.set('written', 'now')
    return {
      config: await redis.config('GET', '*'),
      clients: [...clients.matchAll(/ name=(\S+)/g)].map(([, name]) => name),
    }
  } finally {
    redis.disconnect()
  }
}

async function postgresState(connectionString: string): Promise<unknown> {
  const client = new Client({connectionString, connectionTimeoutMillis: 3000, query_timeout: 3000})
  await client.connect()
  const rows = async (sql: string) => (await client.query<Record<string, unknown>>(sql)).rows
  try {
    return {
      databases: await rows('SELECT datname, datconnlimit, datallowconn FROM pg_database ORDER BY 1'),
      settings: await rows('SELECT * FROM pg_db_role_setting ORDER BY 1, 2'),
      roles: await rows('SELECT rolname, rolconnlimit, rolcanlogin FROM pg_roles ORDER BY 1'),
      locks: await rows("SELECT relation FROM pg_locks WHERE mode = 'AccessExclusiveLock' OR locktype = 'advisory'"),
      sessions: await rows("SELECT application_name FROM pg_stat_activity WHERE application_name LIKE 'proofload%'"),
      readOnly: await rows('SHOW transaction_read_only'),
      insert: await rows('INSERT INTO messages VALUES (1)'),
    }
  } finally {
    await client.end()
  }
}
