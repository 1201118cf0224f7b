/** Outages of Redis, Postgres and nodes under a running conversation: nothing that was acked is lost, doubled or out of order. */
import {Redis} from 'ioredis'
import pg from 'pg'
import {afterAll, afterEach, beforeAll, describe, expect, it, vi} from 'vitest'
import {ProxyClient} from '../../../src/lib/faults/proxy/client.js'
import {parseDefect} from '../../../src/lib/targets/practice/defects/parse-defect.js'
import type {Loss} from '../../../src/lib/targets/practice/nodes.js'
import {connectPostgresStore} from '../../../src/lib/targets/practice/postgres-store.js'
import {startPractice, type PracticeTarget} from '../../../src/lib/targets/practice/practice.js'
import {Conversation} from './conversation.js'
import {TestUser} from './test-user.js'

const NO_FAULTS = {lost: [], twice: [], late: []}
const LENGTH_MS = 300

let practice: PracticeTarget
let proxy: ProxyClient
let redis: Redis
let admin: pg.Client
let talk: Conversation | undefined
let rooms = 0
const losses: Loss[] = []

beforeAll(async () => {
  practice = await startPractice({nodes: 2})
  practice.onLoss((loss) => losses.push(loss))
  const {ground} = practice
  proxy = new ProxyClient(ground.proxies['redis']?.api ?? '')
  redis = new Redis(ground.redis ?? '')
  admin = new pg.Client(ground.postgres)
  await admin.connect()
}, 60_000)

afterEach(async () => {
  talk?.close()
  losses.length = 0
  await practice.setDefects([])
})

afterAll(async () => {
  redis.disconnect()
  await admin.end()
  await proxy.close()
  await practice[Symbol.asyncDispose]()
})

async function beginTalk(): Promise<Conversation> {
  talk = await Conversation.begin(practice.target.urls, `room-${++rooms}`)
  await talk.flows()
  return talk
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

function httpOf(node: number): string {
  return practice.target.urls[node]?.replace('ws:', 'http:') ?? ''
}

/** One of the numbers that each node tells of itself, added up. */
async function metric(name: string): Promise<number> {
  const texts = await Promise.all([0, 1].map(async (node) => (await fetch(`${httpOf(node)}/metrics`)).text()))
  return texts.reduce((sum, text) => sum + Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1]), 0)
}

async function down(name: 'redis' | 'postgres', ms = LENGTH_MS): Promise<void> {
  await proxy.setEnabled(name, false)
  await pause(ms)
  await proxy.setEnabled(name, true)
}

/** Open connections that carry nothing any more, in either direction, until both nodes have noticed. */
async function blackHole(name: 'redis' | 'postgres', noticedBy: string, by: number): Promise<void> {
  const before = await metric(noticedBy)
  const streams = ['upstream', 'downstream'] as const
  for (const stream of streams) {
    await proxy.addToxic(name, {name: `hole-${stream}`, type: 'timeout', stream, attributes: {timeout: 0}})
  }
  await vi.waitFor(async () => expect(await metric(noticedBy)).toBeGreaterThanOrEqual(before + by), {timeout: 10_000})
  for (const stream of streams) await proxy.removeToxic(name, `hole-${stream}`)
}

/** Cuts all clients again and again, and lets nobody speak in between. */
async function disconnectRedis(): Promise<void> {
  for (let round = 0; round < 4; round++) {
    const commands = redis.pipeline()
    commands.client('KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
    commands.client('KILL', 'TYPE', 'pubsub')
    commands.call('CLIENT', 'PAUSE', '100', 'ALL')
    await commands.exec()
  }
}

async function terminatePostgres(): Promise<void> {
  const terminate = `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'proofload-practice'`
  for (let round = 0; round < 10; round++) {
    await admin.query(terminate)
    await pause(25)
  }
}

describe('every acked message comes exactly once and in order', () => {
  it.each([
    ['Redis refuses connections', () => down('redis')],
    ['all clients of Redis are cut again and again', disconnectRedis],
    ['Redis is a black hole', () => blackHole('redis', 'practice_redis_losses_total', 4)],
    ['Redis is paused', () => redis.client('PAUSE', LENGTH_MS, 'ALL')],
    ['only those that publish are cut', () => redis.client('KILL', 'TYPE', 'normal')],
    ['only those that subscribe are cut', () => redis.client('KILL', 'TYPE', 'pubsub')],
    ['Postgres refuses connections', () => down('postgres')],
    ['Postgres ends the sessions again and again', terminatePostgres],
    ['Postgres is a black hole', () => blackHole('postgres', 'practice_postgres_retries_total', 2)],
    ['both are away', () => Promise.all([down('redis'), down('postgres', LENGTH_MS + 100)])],
  ])('when %s', async (_, outage) => {
    const conversation = await beginTalk()
    await outage()
    await conversation.flows()
    await conversation.end()
    expect(conversation.faults()).toEqual(NO_FAULTS)
    expect(conversation.answered('refused')).toBe(0)
    expect(losses).toEqual([])
  })

  it('and a member gets nothing from before it came, though the history is read', async () => {
    const conversation = await beginTalk()
    const late = await TestUser.connect(practice.target.urls[1] ?? '', 'late')
    await late.join(conversation.room)
    const first = await late.next(({type, body}) => type === 'message' && body?.startsWith('number') === true)
    await down('redis')
    await conversation.flows()
    await conversation.end()
    // Its node may hear of the end later than that of the speakers.
    await vi.waitUntil(() => late.frames.filter(({body}) => body === 'end').length === 2, {timeout: 10_000})
    const before = late.frames.filter(({type, id}) => type === 'message' && (id ?? 0) < (first.id ?? 0) - 2)
    expect(before).toEqual([])
    late.close()
  })
})

describe('while it lasts', () => {
  it('an outage shows in /health and /metrics, and reading the history fails', async () => {
    await proxy.setEnabled('postgres', false)
    await proxy.setEnabled('redis', false)
    try {
      await vi.waitFor(async () => expect(await metric('practice_redis_up')).toBe(0))
      const health = await fetch(`${httpOf(0)}/health`)
      expect(health.status).toBe(503)
      const state = (await health.json()) as {status: string; redis: string; postgres: string}
      expect(state.status).toBe('degraded')
      expect(state.redis).toContain('the link is lost')
      expect(state.postgres).not.toBe('ok')
      expect((await fetch(`${httpOf(0)}/rooms/r/messages`)).status).toBe(503)
    } finally {
      await proxy.setEnabled('postgres', true)
      await proxy.setEnabled('redis', true)
    }
    await vi.waitFor(async () => expect((await fetch(`${httpOf(0)}/health`)).status).toBe(200))
  })
})

describe('the store', () => {
  it('keeps a message once that is saved twice under the same number', async () => {
    const store = await connectPostgresStore(practice.postgresUrl)
    const times = [Date.now(), Date.now() + 5000]
    const messages = {numbers: [1, 2], rooms: ['s', 's'], senders: ['ann', 'bob'], bodies: ['one', 'two'], times}
    const ids = await store.save(messages)
    expect(await store.save(messages)).toEqual(ids)
    const history = await store.history({room: 's', after: 0, limit: 10})
    expect(history.map(({body}) => body)).toEqual(['one', 'two'])
    expect(await store.newest()).toBe(ids[1])
    await store.close()
  })
})

describe('a node', () => {
  it('that is killed is told once, and another process serves on its port, with its defects', async () => {
    await practice.setDefects([parseDefect('stall-output=100ms/1s')])
    const {url, pid} = practice.nodes[0] ?? {url: '', pid: 0}
    const user = await TestUser.connect(url, 'ann')
    process.kill(pid, 'SIGKILL')
    expect(await user.closed).toBe(1006)
    const again = await vi.waitFor(() => TestUser.connect(url, 'ann'), {timeout: 10_000})
    await again.join(`room-${++rooms}`)
    again.close()
    expect(losses).toEqual([{part: `practice node ${url}`, why: 'it ended with SIGKILL', again: true}])
    await vi.waitFor(async () => {
      const {defects} = (await (await fetch(`${httpOf(0)}/defects`)).json()) as {defects: {name: string}[]}
      expect(defects.map(({name}) => name)).toEqual(['stall-output'])
    })
    expect(practice.ground.nodes[0]?.pid).not.toBe(pid)
  })

  it('that is stopped is left alone, and goes on where it was', async () => {
    const conversation = await beginTalk()
    const pids = practice.nodes.map(({pid}) => pid)
    process.kill(pids[1] ?? 0, 'SIGSTOP')
    await pause(LENGTH_MS)
    process.kill(pids[1] ?? 0, 'SIGCONT')
    await conversation.flows()
    await conversation.end()
    expect(conversation.faults()).toEqual(NO_FAULTS)
    expect(practice.nodes.map(({pid}) => pid)).toEqual(pids)
    expect(losses).toEqual([])
  })
})

describe('a defect in an outage', () => {
  it('never-resubscribe: who is on that node hears nothing more, though Redis is back', async () => {
    const conversation = await beginTalk()
    await practice.setDefects([parseDefect('never-resubscribe=1')])
    await down('redis')
    await conversation.silence()
    await vi.waitFor(async () => expect(await metric('practice_redis_up')).toBe(2))
    await practice.setDefects([])
    // The link is up before all that was missed has been brought.
    await vi.waitFor(() => expect(conversation.faults().lost.filter((name) => name.includes('→0'))).toEqual([]), 10_000)
    const {lost, twice, late} = conversation.faults()
    expect(lost.filter((name) => name.includes('→1')).length).toBeGreaterThan(10)
    expect([twice, late]).toEqual([[], []])
  })

  it.each([
    ['drop-during-outage', 'redis', 'though the history has it'],
    ['false-success', 'postgres', 'and the history has it not'],
  ] as const)('%s: what was acked while %s was away comes to nobody, %s', async (defect, service, history) => {
    const conversation = await beginTalk()
    await practice.setDefects([parseDefect(defect)])
    await down(service)
    await conversation.flows()
    await conversation.end()
    const {lost, twice, late} = conversation.faults()
    const acked = conversation.answered('ack')
    expect(lost.length).toBeGreaterThan(10)
    expect(lost.length).toBeLessThan(acked * 2)
    expect([twice, late]).toEqual([[], []])
    const response = await fetch(`${httpOf(0)}/rooms/${conversation.room}/messages?limit=10000`)
    const {messages} = (await response.json()) as {messages: unknown[]}
    if (history === 'though the history has it') expect(messages).toHaveLength(acked)
    else expect(messages.length).toBeLessThan(acked - 5)
  })

  it('crash-on-redis-loss: the node ends, says why, and is back when Redis is', async () => {
    const conversation = await beginTalk()
    await practice.setDefects([parseDefect('crash-on-redis-loss=0')])
    await down('redis')
    expect(await conversation.users[0]?.closed).toBe(1006)
    expect(losses).toMatchObject([{why: 'it ended with code 1: Redis is gone', again: true}])
    const back = await vi.waitFor(() => TestUser.connect(practice.target.urls[0] ?? '', 'ann'), {timeout: 10_000})
    back.close()
  })

  it('herd-reconnect: all users are closed with 1012 when Redis is back', async () => {
    const conversation = await beginTalk()
    await practice.setDefects([parseDefect('herd-reconnect')])
    const before = await metric('practice_redis_reconnect_attempts_total')
    await down('redis')
    expect(await Promise.all(conversation.users.map(({closed}) => closed))).toEqual([1012, 1012])
    expect((await metric('practice_redis_reconnect_attempts_total')) - before).toBeGreaterThan(40)
  })
})
