/** The Postgres faults on a real server: whom they hit, that nobody gets through, and that the server is as it was afterwards. */
import {Client} from 'pg'
import {afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi} from 'vitest'
import {TargetError, UsageError} from '../../../src/lib/base/errors.js'
import {pgConnectionLimit, undoPgConnectionLimit} from '../../../src/lib/faults/postgres/connection-limit.js'
import {pgDisconnect} from '../../../src/lib/faults/postgres/disconnect.js'
import {pgExhaust} from '../../../src/lib/faults/postgres/exhaust.js'
import {pgLockTable} from '../../../src/lib/faults/postgres/lock-table.js'
import {pgReadOnly, undoPgReadOnly} from '../../../src/lib/faults/postgres/read-only.js'
import {pgCancel, pgTerminate} from '../../../src/lib/faults/postgres/terminate.js'
import type {MakeInjector} from '../../../src/lib/faults/injector.js'
import {startPostgres, type PostgresService} from '../../../src/lib/targets/embedded/postgres.js'
import {injectElsewhere} from '../killed.js'
import {during, kitFor, plan, type Parameters} from '../trial.js'
import {startCrowd, type Crowd} from './crowd.js'
import {startPooler} from './pooler.js'

const WITHIN_10_S = {timeout: 10_000, interval: 20}
const WAY_OUT = {hint: expect.stringContaining('net.down(proxy=postgres)') as string}

const ALL: readonly (readonly [string, MakeInjector, Parameters])[] = [
  ['pg.terminate', pgTerminate, {}],
  ['pg.cancel', pgCancel, {}],
  ['pg.disconnect', pgDisconnect, {}],
  ['pg.lock-table', pgLockTable, {table: 'messages'}],
  ['pg.exhaust', pgExhaust, {}],
  ['pg.read-only', pgReadOnly, {}],
  ['pg.connection-limit', pgConnectionLimit, {}],
]

let service: PostgresService
/** Of another database, so that no fault on ours hits it. */
let operator: Client
let crowd: Crowd | undefined
const sessions: Client[] = []

const inDatabase = (url: string, name: string) => url.replace('/proofload?', `/${name}?`)

async function session(application: string, url = service.url): Promise<Client> {
  const client = new Client({connectionString: url, application_name: application})
  client.on('error', () => undefined)
  await client.connect()
  sessions.push(client)
  return client
}

async function operatorOf({adminUrl}: PostgresService): Promise<Client> {
  const client = new Client({connectionString: inDatabase(adminUrl, 'postgres'), application_name: 'operator'})
  client.on('error', () => undefined)
  await client.connect()
  return client
}

/** What must be the same before and after, but for who is connected. */
async function stateOf(): Promise<unknown> {
  const {rows} = await operator.query(
    `SELECT (SELECT json_agg(s ORDER BY setdatabase, setrole) FROM pg_db_role_setting s) AS settings,
            (SELECT json_agg(json_build_array(datname, datconnlimit, datallowconn) ORDER BY datname) FROM pg_database) AS databases,
            (SELECT count(*)::int FROM pg_locks WHERE mode = 'AccessExclusiveLock') AS locks,
            (SELECT count(*)::int FROM pg_stat_activity WHERE application_name LIKE 'proofload%') AS ours,
            (SELECT json_agg(json_build_array(name, setting) ORDER BY name) FROM pg_settings WHERE source <> 'session') AS server`,
  )
  return rows[0]
}

async function isLeftAsBefore(before: unknown): Promise<void> {
  await vi.waitFor(async () => expect(await stateOf()).toEqual(before), WITHIN_10_S)
}

async function moves(): Promise<void> {
  const before = crowd?.done ?? 0
  await vi.waitFor(() => expect(crowd?.done).toBeGreaterThan(before + 20), WITHIN_10_S)
}

async function answers(client: Client): Promise<boolean> {
  return client.query('SELECT 1').then(
    () => true,
    () => false,
  )
}

async function upOf(some: readonly Client[]): Promise<number> {
  return (await Promise.all(some.map(answers))).filter(Boolean).length
}

beforeAll(async () => {
  service = await startPostgres({settings: {max_connections: '30'}})
  operator = await operatorOf(service)
  const owner = await session('owner')
  await owner.query('CREATE TABLE messages (body text); CREATE SCHEMA "Odd"; CREATE TABLE "Odd"."Name" (body text)')
  const admin = await session('admin', service.adminUrl)
  await admin.query('CREATE ROLE locker; GRANT UPDATE ON messages TO locker')
  await admin.query("CREATE ROLE weak LOGIN PASSWORD 'pw'; ALTER DATABASE proofload SET work_mem = '5MB'")
})

afterEach(async () => {
  await crowd?.stop()
  crowd = undefined
  await Promise.all(sessions.splice(0).map((client) => client.end().catch(() => undefined)))
})

afterAll(async () => {
  await operator.end().catch(() => undefined)
  await service[Symbol.asyncDispose]()
})

describe('pg.terminate and pg.cancel', () => {
  let chat: Client[]
  let mail: Client[]

  beforeEach(async () => {
    chat = await Promise.all(Array.from({length: 4}, () => session('chat')))
    mail = await Promise.all(Array.from({length: 2}, () => session('mail')))
  })

  test.each<[string, Parameters, {chat: number; mail: number}]>([
    ['one application alone', {application: 'chat'}, {chat: 0, mail: 2}],
    ['everybody of a role', {user: 'practice'}, {chat: 0, mail: 0}],
    ['nobody of a role that has no session', {user: 'weak'}, {chat: 4, mail: 2}],
    ['a network', {address: '127.0.0.0/8'}, {chat: 0, mail: 0}],
    ['nobody at an address where nobody is', {address: '10.9.9.9'}, {chat: 4, mail: 2}],
    ['half, when it is asked for half', {application: 'chat', share: 0.5}, {chat: 2, mail: 2}],
  ])('hit %s', async (_, parameters, left) => {
    const kit = kitFor({postgres: service.adminUrl})
    await during(pgTerminate, plan('pg.terminate', parameters), kit, (injector) => injector.inject())
    await vi.waitFor(async () => {
      expect({chat: await upOf(chat), mail: await upOf(mail)}).toEqual(left)
    }, WITHIN_10_S)
  })

  test('pg.cancel stops the statement and leaves the session', async () => {
    const [client] = chat
    const sleeping = client?.query('SELECT pg_sleep(60)').catch((error: unknown) => error)
    await vi.waitFor(async () => {
      const running =
        "SELECT 1 FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)%' AND state = 'active' AND datname = 'proofload'"
      expect((await operator.query(running)).rowCount).toBe(1)
    }, WITHIN_10_S)
    const fault = plan('pg.cancel', {application: 'chat'})
    await during(pgCancel, fault, kitFor({postgres: service.url}), (injector) => injector.inject())
    expect(await sleeping).toMatchObject({code: '57014'})
    expect(await upOf(chat)).toBe(4)
  })
})

test.each([
  ['an ordinary role', () => service.url],
  ['a superuser', () => service.adminUrl],
])(
  'pg.disconnect as %s lets no query through of clients that come back at once, and all of them afterwards',
  async (_, url) => {
    const before = await stateOf()
    crowd = startCrowd(service.url, 5)
    await moves()
    await during(pgDisconnect, plan('pg.disconnect'), kitFor({postgres: url()}), async (injector) => {
      await injector.inject()
      const [done, failed] = [crowd?.done ?? 0, crowd?.failed ?? 0]
      await vi.waitFor(() => expect(crowd?.failed).toBeGreaterThan(failed + 50), WITHIN_10_S)
      const through = (crowd?.done ?? 0) - done
      await injector.revert()
      await moves()
      const evidence = injector.evidence()
      expect(evidence['terminated']).toBeGreaterThanOrEqual(5)
      // Nobody, unless this machine was so slow that a login outlasted our patience: then it was noticed.
      if (evidence['leakedSessions'] === 0) expect(through).toBe(0)
    })
    await crowd.stop()
    await isLeftAsBefore(before)
  },
)

test('pg.disconnect tells when superusers come through the reserved places', async () => {
  crowd = startCrowd(service.adminUrl, 2)
  await moves()
  await during(pgDisconnect, plan('pg.disconnect'), kitFor({postgres: service.adminUrl}), async (injector) => {
    await injector.inject()
    await vi.waitFor(() => expect(injector.evidence()['leakedSessions']).toBeGreaterThan(0), WITHIN_10_S)
  })
})

test('pg.exhaust leaves as many places as it is told, and those that are connected stay', async () => {
  const old = await session('old')
  await during(pgExhaust, plan('pg.exhaust', {leave: 1}), kitFor({postgres: service.url}), async (injector) => {
    await injector.inject()
    await session('last')
    await expect(session('late')).rejects.toMatchObject({code: '53300'})
    expect(await answers(old)).toBe(true)
  })
})

test.each(['messages', 'public.messages', '"Odd"."Name"'])(
  'pg.lock-table holds up who reads %s, until it is reverted',
  async (table) => {
    const reader = await session('reader')
    await during(pgLockTable, plan('pg.lock-table', {table}), kitFor({postgres: service.url}), async (injector) => {
      await injector.inject()
      await reader.query("SET lock_timeout = '50ms'")
      await expect(reader.query(`SELECT * FROM ${table}`)).rejects.toMatchObject({code: '55P03'})
      await injector.revert()
      await reader.query(`SELECT * FROM ${table}`)
    })
  },
)

test.each(['nothing', 'messages; DROP TABLE messages', "'", 'a.b.c.d', ''])(
  'pg.lock-table refuses the table %j, as there is none',
  async (table) => {
    const injector = pgLockTable(plan('pg.lock-table', {table}), kitFor({postgres: service.url}))
    await expect(injector.prepare()).rejects.toBeInstanceOf(UsageError)
    await injector.close()
  },
)

test('pg.lock-table gives up when a long transaction holds the table, and leaves nobody waiting', async () => {
  const holder = await session('holder')
  await holder.query('BEGIN; SELECT * FROM messages')
  await during(
    pgLockTable,
    plan('pg.lock-table', {table: 'messages'}),
    kitFor({postgres: service.url}),
    async (injector) => {
      await expect(injector.inject()).rejects.toBeInstanceOf(TargetError)
      const reader = await session('reader')
      await reader.query('SELECT * FROM messages')
    },
  )
})

test('pg.read-only makes writing fail in the sessions that follow, and writing works in those after it', async () => {
  const old = await session('old')
  await during(pgReadOnly, plan('pg.read-only'), kitFor({postgres: service.url}), async (injector) => {
    await injector.undoing?.()
    await injector.inject()
    expect(await answers(old)).toBe(false)
    const meanwhile = await session('meanwhile')
    await expect(meanwhile.query('CREATE TABLE no ()')).rejects.toMatchObject({code: '25006'})
    await injector.revert()
    expect(await answers(meanwhile)).toBe(false)
    await (await session('after')).query('CREATE TABLE yes (); DROP TABLE yes')
  })
})

test('pg.connection-limit refuses who is new and keeps who is there', async () => {
  const old = await session('old')
  await during(
    pgConnectionLimit,
    plan('pg.connection-limit', {limit: 0}),
    kitFor({postgres: service.url}),
    async (injector) => {
      await injector.undoing?.()
      await injector.inject()
      await expect(session('late')).rejects.toMatchObject({code: '53300'})
      expect(await answers(old)).toBe(true)
    },
  )
})

test.each(ALL)('%s leaves the server as it was, also when it is reverted twice', async (name, make, parameters) => {
  const before = await stateOf()
  const injector = make(plan(name, parameters), kitFor({postgres: service.url}))
  await injector.prepare()
  await injector.undoing?.()
  await injector.inject()
  await injector.revert()
  await injector.revert()
  await injector.close()
  await isLeftAsBefore(before)
})

test.each(ALL.filter(([name]) => name !== 'pg.exhaust'))(
  '%s is refused to a role without the privilege, and names the way out',
  async (name, make, parameters) => {
    await session('chat')
    const weak = service.url.replace(/\/\/[^@]*@/, '//weak:pw@')
    const injector = make(plan(name, parameters), kitFor({postgres: weak}))
    const refusal = await injector.prepare().then(
      () => undefined,
      (error: unknown) => error,
    )
    await injector.close()
    expect(refusal).toBeInstanceOf(UsageError)
    expect(refusal).toMatchObject(WAY_OUT)
  },
)

test.each<[string, MakeInjector, Parameters, string]>([
  ['pg.terminate', pgTerminate, {user: 'practice'}, 'pg_signal_backend'],
  ['pg.cancel', pgCancel, {user: 'practice'}, 'pg_signal_backend'],
  ['pg.disconnect', pgDisconnect, {}, 'pg_signal_backend'],
  ['pg.terminate by address', pgTerminate, {address: '127.0.0.1'}, 'pg_signal_backend, pg_read_all_stats'],
  ['pg.lock-table', pgLockTable, {table: 'messages'}, 'locker'],
  ['pg.connection-limit', pgConnectionLimit, {}, 'practice'],
])('%s is allowed with no more rights than the docs name', async (name, make, parameters, roles) => {
  const victim = await session('chat')
  await operator.query(`CREATE ROLE chaos LOGIN PASSWORD 'pw'; GRANT ${roles} TO chaos`)
  try {
    const chaos = service.url.replace(/\/\/[^@]*@/, '//chaos:pw@')
    await during(make, plan(name, parameters), kitFor({postgres: chaos}), async (injector) => {
      await injector.undoing?.()
      await injector.inject()
    })
    expect(await answers(victim)).toBe(!/terminate|disconnect/.test(name))
  } finally {
    await operator.query('DROP ROLE chaos')
  }
})

test.each<[string, string, typeof TargetError | typeof UsageError]>([
  ['where nobody listens', 'postgres://practice@127.0.0.1:1/proofload', TargetError],
  ['with a wrong password', 'postgres://practice:wrong@HOST/proofload', TargetError],
  ['of a database that is not there', 'postgres://weak:pw@HOST/nothing', TargetError],
  ['that is none', 'HOST', UsageError],
])('a URL %s is told before anything is harmed', async (_, url, kind) => {
  const injector = pgTerminate(
    plan('pg.terminate'),
    kitFor({postgres: url.replace('HOST', `127.0.0.1:${service.port}`)}),
  )
  await expect(injector.prepare()).rejects.toBeInstanceOf(kind)
  await injector.revert()
  await injector.close()
})

test.each<[string, readonly [string, string, string], Parameters]>([
  ['pg.disconnect', ['postgres/disconnect', 'pgDisconnect', 'pg.disconnect'], {}],
  ['pg.lock-table', ['postgres/lock-table', 'pgLockTable', 'pg.lock-table'], {table: 'messages'}],
  ['pg.exhaust', ['postgres/exhaust', 'pgExhaust', 'pg.exhaust'], {}],
])('%s ends with its process, also when that is killed', async (_, fault, parameters) => {
  const before = await stateOf()
  const {kill} = await injectElsewhere(fault, {postgres: service.url}, parameters)
  expect(await stateOf()).not.toEqual(before)
  await kill()
  await isLeftAsBefore(before)
})

test.each<[string, readonly [string, string, string], typeof undoPgReadOnly]>([
  ['pg.read-only', ['postgres/read-only', 'pgReadOnly', 'pg.read-only'], undoPgReadOnly],
  [
    'pg.connection-limit',
    ['postgres/connection-limit', 'pgConnectionLimit', 'pg.connection-limit'],
    undoPgConnectionLimit,
  ],
])('a later process undoes %s', async (_, fault, undo) => {
  const before = await stateOf()
  const {undoing, kill} = await injectElsewhere(fault, {postgres: service.url}, {limit: 0})
  await kill()
  await undo(undoing, service.url)
  await isLeftAsBefore(before)
  await undo(undoing, service.url)
  await isLeftAsBefore(before)
})

/** A helper process that dies by a signal takes all sessions with it, and the server starts anew. */
async function crash(witness: Client): Promise<void> {
  const helper = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'walwriter'"
  const {rows} = await operator.query<{pid: number}>(helper)
  process.kill(rows[0]?.pid ?? service.pid, 'SIGKILL')
  await vi.waitFor(async () => expect(await answers(witness)).toBe(false), WITHIN_10_S)
  await vi.waitFor(async () => (operator = await operatorOf(service)), WITHIN_10_S)
}

test.each(ALL)('%s is reverted although the server crashed and came back meanwhile', async (name, make, parameters) => {
  const before = await stateOf()
  const witness = await session('witness', inDatabase(service.adminUrl, 'postgres'))
  await during(make, plan(name, parameters), kitFor({postgres: service.url}), async (injector) => {
    await injector.undoing?.()
    await injector.inject()
    await crash(witness)
    await injector.revert()
  })
  await isLeftAsBefore(before)
})

test('a connection pooler in between is noticed and named', async () => {
  await using pooler = await startPooler(service.port)
  const url = service.url.replace(/:\d+\//, `:${pooler.port}/`)
  const injector = pgDisconnect(plan('pg.disconnect'), kitFor({postgres: url}))
  await expect(injector.prepare()).rejects.toMatchObject({
    message: expect.stringContaining('pooler') as string,
    hint: expect.stringContaining('net.down(proxy=postgres)') as string,
  })
  await injector.close()
})

test('pg.lock-table is ended by the server itself when nobody reverts it', async () => {
  const reader = await session('reader')
  const kit = kitFor({postgres: service.url})
  await during(pgLockTable, {...plan('pg.lock-table', {table: 'messages'}), forMs: 1}, kit, async (injector) => {
    await injector.inject()
    await reader.query('SELECT * FROM messages')
  })
})
