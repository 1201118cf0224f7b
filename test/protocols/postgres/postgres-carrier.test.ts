/** What goes into Postgres comes out again in order and once, over several shards, also when sessions are ended meanwhile; and the outcomes are honest. */
import {setTimeout as sleep} from 'node:timers/promises'
import {Client} from 'pg'
import {afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi} from 'vitest'
import {TargetError} from '../../../src/lib/base/errors.js'
import {freePort} from '../../../src/lib/targets/embedded/ports.js'
import {startPostgres, type PostgresService} from '../../../src/lib/targets/embedded/postgres.js'
import {startPooler} from '../../faults/postgres/pooler.js'
import type {PostgresSite} from '../../../src/lib/protocols/postgres/postgres-site.js'
import {startBreakableLink} from './broken-link.js'
import {everyVoice, heard, query, sceneOf, shardsOf, siteFor, TABLE, WITHIN_10_S, type Scene} from './scene.js'

const LAYOUT = {rooms: 6, publishers: 12, fanout: 1, consumers: 1}

/** One voice, which lives on the first shard. */
const SOLO = {...LAYOUT, rooms: 1, publishers: 1}

let service: PostgresService
let urls: string[]
let site: PostgresSite
let scene: Scene

beforeAll(async () => {
  service = await startPostgres()
  urls = await shardsOf(service, ['second'])
})

afterAll(async () => {
  await service[Symbol.asyncDispose]()
})

beforeEach(async () => {
  site = siteFor(urls)
  await site.prepare()
})

afterEach(async () => {
  await scene.carrier[Symbol.asyncDispose]()
  expect(await site.remove()).toEqual([])
})

async function opened(options: Partial<Parameters<typeof sceneOf>[0]> = {}): Promise<Scene> {
  scene = sceneOf({layout: LAYOUT, urls, ...options})
  await scene.carrier.open()
  return scene
}

/** Rounds of one message a voice; tickets count up. Answers those that were taken on. */
function speak({say}: Scene, first: number, rounds: number): number[] {
  const taken: number[] = []
  let ticket = first
  for (let round = 0; round < rounds; round++) {
    for (const voice of everyVoice(LAYOUT)) {
      if (say(voice, ticket)) taken.push(ticket)
      ticket += 1
    }
  }
  return taken
}

async function allAnswered({record}: Scene, taken: readonly number[]): Promise<void> {
  await vi.waitFor(() => expect(record.answers.size).toBe(taken.length), WITHIN_10_S)
  expect([...record.answers.values()].every((answers) => answers.length === 1)).toBe(true)
}

const rising = (numbers: readonly number[]) =>
  numbers.every((one, index) => index === 0 || one > (numbers[index - 1] ?? 0))

describe('the carrier postgres', () => {
  test('brings back every message once and in its order, from the shard of its room', async () => {
    const {carrier, record} = await opened()
    const taken = speak(scene, 0, 500)
    expect(taken).toHaveLength(500 * 12)
    await allAnswered(scene, taken)
    expect(record.answersOf('accepted')).toHaveLength(6000)
    await carrier.read?.()
    expect(record.arrived).toHaveLength(6000)
    for (const voice of everyVoice(LAYOUT)) {
      expect(heard(scene, voice)).toEqual(Array.from({length: 500}, (_, round) => round * 12 + voice))
    }
    expect(record.arrived.find(({text}) => text.startsWith('0:'))?.text).toBe('0:0:"\\é')
    expect(await site.countsByShard()).toEqual([3000, 3000])
    expect(site.server).toMatch(/^PostgreSQL 17\.\d+, 2 shards$/)
  })

  test('reads more than a page back, whatever the size of the rows', async () => {
    const {carrier, record} = await opened()
    const text = 'x'.repeat(300_000)
    for (let ticket = 0; ticket < 40; ticket++) expect(carrier.publish({room: 0, voice: 0, ticket, text})).toBe(true)
    await vi.waitFor(() => expect(record.answersOf('accepted')).toHaveLength(40), WITHIN_10_S)
    const taken = speak(scene, 40, 30)
    await vi.waitFor(() => expect(record.answersOf('accepted')).toHaveLength(40 + taken.length), WITHIN_10_S)
    await carrier.read?.()
    expect(record.arrived).toHaveLength(400)
  })

  test('keeps the outcomes honest while sessions are ended, and goes on', async () => {
    const {carrier, record} = await opened({connections: 2})
    const end = new AbortController()
    const killing = terminateAgainAndAgain(end.signal)
    const taken: number[] = []
    for (let round = 0; round < 150; round++) {
      taken.push(...speak(scene, round * 60, 5))
      await sleep(5)
    }
    end.abort()
    expect(await killing).toBeGreaterThan(0)
    await vi.waitFor(() => {
      const more = speak(scene, 100_000 + taken.length * 12, 1)
      taken.push(...more)
      expect(more).toHaveLength(12)
    }, WITHIN_10_S)
    await allAnswered(scene, taken)
    await carrier.read?.()
    const stored = everyVoice(LAYOUT).flatMap((voice) => heard(scene, voice))
    expect(new Set(stored).size).toBe(stored.length)
    expect(record.answersOf('accepted').filter((ticket) => !stored.includes(ticket))).toEqual([])
    expect(record.answersOf('failed').filter((ticket) => stored.includes(ticket))).toEqual([])
    expect(everyVoice(LAYOUT).every((voice) => rising(heard(scene, voice)))).toBe(true)
    expect(record.lost.length).toBeGreaterThan(0)
    expect(record.lost.every((reason) => /^(57P01|closed|ECONNRESET|EPIPE)$/.test(reason))).toBe(true)
  })

  test('says unknown of a batch whose session is ended while it waits, and failed of what was not sent', async () => {
    const {record} = await opened({layout: SOLO, urls: urls.slice(0, 1)})
    await locked(async () => {
      scene.say(0, 1)
      await isWaiting()
      scene.say(0, 2)
      await query(
        service.adminUrl,
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock'`,
      )
      await vi.waitFor(() => expect(record.answers.size).toBe(2), WITHIN_10_S)
    })
    expect(record.answers.get(1)).toEqual([{outcome: 'unknown', reason: '57P01'}])
    expect(record.answers.get(2)?.map(({outcome}) => outcome)).toEqual(['failed'])
  })

  test('says failed where the server rolled it back in time', async () => {
    const {record} = await opened({layout: SOLO, urls: urls.slice(0, 1), timeoutMs: 400})
    await locked(async () => {
      scene.say(0, 1)
      await vi.waitFor(() => expect(record.answers.size).toBe(1), WITHIN_10_S)
    })
    expect(record.answers.get(1)).toEqual([{outcome: 'failed', reason: '57014'}])
    expect(record.lost).toEqual([])
  })

  test('ends the server process of a session that was cut before it goes on, so that nothing is stored late', async () => {
    await using link = await startBreakableLink(service.port)
    const through = (urls[0] ?? '').replace(`:${service.port}/`, `:${link.port}/`)
    const {carrier, record} = await opened({layout: SOLO, urls: [through]})
    await locked(async () => {
      scene.say(0, 1)
      await isWaiting()
      link.cut()
      await vi.waitFor(() => expect(record.lost).toEqual(['closed']), WITHIN_10_S)
      await vi.waitFor(() => expect(scene.say(0, 2)).toBe(true), WITHIN_10_S)
    })
    await vi.waitFor(() => expect(record.answers.size).toBe(2), WITHIN_10_S)
    await carrier.read?.()
    expect(record.answers.get(1)?.map(({outcome}) => outcome)).toEqual(['unknown'])
    expect(heard(scene, 0)).toEqual([2])
  })

  test('works behind a pooler, where it leaves sessions and server processes alone', async () => {
    await using pooler = await startPooler(service.port)
    const through = (urls[0] ?? '').replace(`:${service.port}/`, `:${pooler.port}/`)
    const {carrier, record} = await opened({urls: [through]})
    const taken = speak(scene, 0, 3)
    await allAnswered(scene, taken)
    await carrier.read?.()
    expect(record.arrived).toHaveLength(36)
    await carrier[Symbol.asyncDispose]()
  })

  test('takes no more than it may keep', async () => {
    await opened({limits: {waitingRows: 5}, layout: SOLO, urls: urls.slice(0, 1)})
    await locked(async () => {
      const taken = Array.from({length: 9}, (_, ticket) => scene.say(0, ticket))
      expect(taken).toEqual([true, true, true, true, true, false, false, false, false])
      await isWaiting()
    })
    await vi.waitFor(() => expect(scene.record.answersOf('accepted')).toHaveLength(5), WITHIN_10_S)
  })

  test.each([
    [
      'a shard that does not answer',
      async () => `postgres://u:hunter2@127.0.0.1:${await freePort()}/b`,
      /shard 2 \(127.*ECONNREFUSED/,
    ],
    ['a wrong password', () => (urls[1] ?? '').replace(/practice:\w+@/, 'practice:hunter2@'), /shard 2 .*28P01/],
    ['a shard without our table', () => (urls[1] ?? '').replace('/second', '/postgres'), /shard 2 .*no table/],
  ])('refuses %s by name and without the password', async (_what, second, words) => {
    scene = sceneOf({layout: LAYOUT, urls: [urls[0] ?? '', await second()]})
    const refused = await scene.carrier.open().catch((error: unknown) => error as Error)
    expect(refused).toBeInstanceOf(TargetError)
    expect((refused as Error).message).toMatch(words)
    expect((refused as Error).message).not.toContain('hunter2')
  })
})

/** Nobody can insert into the first shard meanwhile. */
async function locked(work: () => Promise<void>): Promise<void> {
  const holder = new Client({connectionString: urls[0]})
  await holder.connect()
  try {
    await holder.query(`BEGIN; LOCK TABLE ${TABLE}`)
    await work()
  } finally {
    await holder.end()
  }
}

async function isWaiting(): Promise<void> {
  await vi.waitFor(async () => {
    const rows = await query(
      service.adminUrl,
      `SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND application_name = 'proofload'`,
    )
    expect(rows).toHaveLength(1)
  }, WITHIN_10_S)
}

/** How many sessions it ended, those that had a batch under way. */
async function terminateAgainAndAgain(signal: AbortSignal): Promise<number> {
  let ended = 0
  while (!signal.aborted) {
    const rows = await query(
      service.adminUrl,
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'INSERT INTO ${TABLE}%'`,
    )
    ended += rows.length
    await sleep(60)
  }
  return ended
}
