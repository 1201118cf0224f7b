/** The table of a run is made in every shard, refused where it must be, looked at by time, and gone afterwards. */
import {setTimeout as sleep} from 'node:timers/promises'
import {Client} from 'pg'
import {afterAll, afterEach, beforeAll, describe, expect, test, vi} from 'vitest'
import {TargetError, UsageError} from '../../../src/lib/base/errors.js'
import {startPostgres, type PostgresService} from '../../../src/lib/targets/embedded/postgres.js'
import {freePort} from '../../../src/lib/targets/embedded/ports.js'
import type {PostgresSite} from '../../../src/lib/protocols/postgres/postgres-site.js'
import {everyVoice, query, sceneOf, shardsOf, siteFor, TABLE, WITHIN_10_S, type Scene} from './scene.js'

const LAYOUT = {rooms: 4, publishers: 4, fanout: 1, consumers: 1}
const PARTITION_MS = 500

let service: PostgresService
let urls: string[]
let site: PostgresSite | undefined
let scene: Scene | undefined

beforeAll(async () => {
  service = await startPostgres()
  urls = await shardsOf(service, ['second'])
})

afterAll(async () => {
  await service[Symbol.asyncDispose]()
})

afterEach(async () => {
  await scene?.carrier[Symbol.asyncDispose]()
  scene = undefined
  expect(await site?.remove()).toEqual([])
  site = undefined
  for (const url of urls) expect(await ours(url)).toEqual([])
})

const ours = (url: string) => query(url, `SELECT relname FROM pg_class WHERE relname LIKE 'proofload%'`)

async function prepared(options: Parameters<typeof siteFor>[1] = {}, shards = urls): Promise<PostgresSite> {
  site = siteFor(shards, options)
  await site.prepare()
  return site
}

async function refusal(shards: readonly string[]): Promise<Error> {
  site = siteFor(shards)
  const error = await site.prepare().then(
    () => undefined,
    (caught: unknown) => caught,
  )
  expect(error).toBeInstanceOf(Error)
  return error as Error
}

/** Says something with every voice each 10 ms. */
async function load(shards: readonly string[], during: () => Promise<void>): Promise<Scene> {
  const made = (scene = sceneOf({layout: LAYOUT, urls: shards}))
  await made.carrier.open()
  const end = new AbortController()
  const saying = (async () => {
    for (let ticket = 0; !end.signal.aborted;) {
      for (const voice of everyVoice(LAYOUT)) made.say(voice, ticket++)
      await sleep(10)
    }
  })()
  await during()
  end.abort()
  await saying
  const settled = () => made.record.answersOf('accepted').length + made.record.answersOf('failed').length
  await vi.waitFor(() => expect(settled()).toBe(made.record.answers.size), WITHIN_10_S)
  return made
}

async function until(url: string, sql: string): Promise<void> {
  await vi.waitFor(async () => expect(await query(url, sql)).not.toEqual([]), WITHIN_10_S)
}

const rowsIn = (partition: number) => `SELECT 1 FROM ${TABLE}_p000${partition} LIMIT 1`

describe('the site of the carrier postgres', () => {
  test('cuts the time into partitions that are there before they are needed, and finds each row in the one of its time', async () => {
    const made = await prepared({partitionMs: PARTITION_MS})
    const {record} = await load(urls, async () => {
      await made.begin(1000)
      for (const url of urls) await until(url, rowsIn(3))
    })
    await made.finish()
    const facts = (await made.inspectPartitions()) ?? []
    expect(record.answersOf('failed')).toEqual([])
    expect(facts).toHaveLength(2)
    for (const {partitions, misplaced, missing, rateAtSwitch, medianRate} of facts) {
      expect([misplaced, missing]).toEqual([0, []])
      expect(partitions.map(({name}) => name).slice(0, 5)).toEqual([0, 1, 2, 3, 4].map((one) => `${TABLE}_p000${one}`))
      expect(partitions.slice(1, 3).map(({fromMs, toMs}) => [fromMs, toMs])).toEqual([
        [500, 1000],
        [1000, 1500],
      ])
      for (const {madeAtMs = Infinity, fromMs, toMs, firstRowAtMs} of partitions.slice(1)) {
        expect(madeAtMs).toBeLessThan(fromMs)
        if (firstRowAtMs === undefined) continue
        expect(firstRowAtMs).toBeGreaterThanOrEqual(fromMs)
        expect(firstRowAtMs).toBeLessThan(toMs)
      }
      // The windows around a switch are as long as a partition here, so that they hold its rows.
      const perSecond = partitions.map(({rows}) => (rows * 1000) / PARTITION_MS)
      expect(rateAtSwitch[0]).toMatchObject({atMs: 500, after: perSecond[1]})
      expect(rateAtSwitch[1]).toEqual({atMs: 1000, before: perSecond[1], after: perSecond[2]})
      expect(medianRate).toBeGreaterThan(0)
    }
    const rows = facts.map(({partitions}) => partitions.reduce((sum, one) => sum + one.rows, 0))
    expect(await made.countsByShard()).toEqual(rows)
    expect(rows.reduce((sum, one) => sum + one, 0)).toBe(record.answersOf('accepted').length)
  })

  test('tells a partition that is not there when it is needed', async () => {
    const made = await prepared({partitionMs: PARTITION_MS}, urls.slice(0, 1))
    const {record} = await load(urls.slice(0, 1), async () => {
      await made.begin(1000)
      await query(urls[0] ?? '', `DROP TABLE ${TABLE}_p0001`)
      await until(urls[0] ?? '', rowsIn(2))
    })
    await made.finish()
    const [facts] = (await made.inspectPartitions()) ?? []
    expect(facts?.missing).toEqual([{name: `${TABLE}_p0001`, dueAtMs: 500, madeAtMs: undefined}])
    expect(facts?.rateAtSwitch[0]?.after).toBe(0)
    const reasons = new Set([...record.answers.values()].flat().map(({reason}) => reason))
    expect([...reasons].sort()).toEqual(['23514', undefined])
  })

  test('tells a partition that was made after its first row could come', async () => {
    const made = await prepared({partitionMs: PARTITION_MS}, urls.slice(0, 1))
    const holder = new Client({connectionString: urls[0]})
    await holder.connect()
    await made.begin(1000)
    // Attaching waits for this; inserting does not.
    await holder.query(`BEGIN; LOCK TABLE ${TABLE} IN SHARE UPDATE EXCLUSIVE MODE`)
    await until(
      urls[0] ?? '',
      `SELECT 1 WHERE clock_timestamp() > to_timestamp(${await originOf()}) + interval '3.2 s' * ${PARTITION_MS / 1000}`,
    )
    await holder.end()
    await until(urls[0] ?? '', `SELECT 1 FROM pg_class WHERE relname = '${TABLE}_p0003' AND relispartition`)
    await made.finish()
    const [facts] = (await made.inspectPartitions()) ?? []
    const late = facts?.missing.find(({name}) => name === `${TABLE}_p0003`)
    expect(late?.dueAtMs).toBe(1500)
    expect(late?.madeAtMs).toBeGreaterThan(1500)
  })

  test('counts rows that a default partition took', async () => {
    const made = await prepared({partitionMs: 60_000}, urls.slice(0, 1))
    await made.begin(0)
    const [url = ''] = urls
    await query(url, `CREATE TABLE ${TABLE}_rest PARTITION OF ${TABLE} DEFAULT`)
    await query(
      url,
      `INSERT INTO ${TABLE} (room, voice, body, created_at) SELECT 0, 0, 'x', now() + interval '1 day' FROM generate_series(1, 7)`,
    )
    await made.finish()
    const [facts] = (await made.inspectPartitions()) ?? []
    expect(facts?.misplaced).toBe(7)
  })

  test('names the shard that does not answer, and leaves nothing in the other', async () => {
    const error = await refusal([urls[0] ?? '', `postgres://u:hunter2@127.0.0.1:${await freePort()}/b`])
    expect(error).toBeInstanceOf(TargetError)
    expect(error.message).toMatch(/shard 2 \(127\.0\.0\.1:\d+\/b\) cannot be used: .*ECONNREFUSED/)
    expect(error.message).not.toContain('hunter2')
  })

  test('refuses two shards that are the same database under two names', async () => {
    const error = await refusal([urls[0] ?? '', (urls[0] ?? '').replace('127.0.0.1', 'localhost')])
    expect(error).toBeInstanceOf(UsageError)
    expect(error.message).toMatch(/shard 2 .*is the same database/)
  })

  test('refuses a table that is there already, and leaves it alone', async () => {
    await query(urls[1] ?? '', `CREATE TABLE ${TABLE} (precious text)`)
    const error = await refusal(urls)
    expect(error).toBeInstanceOf(UsageError)
    expect(error.message).toContain(`public.${TABLE} in shard 2`)
    expect(await site?.remove()).toEqual([])
    expect(await ours(urls[0] ?? '')).toEqual([])
    expect(await ours(urls[1] ?? '')).toEqual([{relname: TABLE}])
    await query(urls[1] ?? '', `DROP TABLE ${TABLE}`)
  })

  test('says which right is missing, and how to give it', async () => {
    const {adminUrl} = service
    await query(adminUrl, `CREATE ROLE "a guest" LOGIN PASSWORD 'secret'; REVOKE CREATE ON SCHEMA public FROM PUBLIC`)
    const url = (urls[0] ?? '').replace(/practice:\w+@/, 'a%20guest:secret@')
    const error = await refusal([url])
    expect(error).toBeInstanceOf(TargetError)
    expect(error.message).toContain('does not let a guest create a table')
    expect(error).toHaveProperty('hint', 'GRANT USAGE, CREATE ON SCHEMA "public" TO "a guest";')
    await query(adminUrl, 'DROP ROLE "a guest"')
  })

  test('says what is left where the table cannot be dropped', async () => {
    const made = await prepared({}, urls.slice(0, 1))
    await query(urls[0] ?? '', `CREATE VIEW theirs AS SELECT * FROM ${TABLE}`)
    expect(await made.remove()).toEqual([
      expect.stringMatching(
        /^the table "public"\."proofload_k3x9a0zz_messages" in the Postgres shard 1 .* \(2BP01\): DROP TABLE /,
      ),
    ])
    await query(urls[0] ?? '', 'DROP VIEW theirs')
  })

  test('removes a partition that somebody detached as well', async () => {
    const made = await prepared({partitionMs: 60_000}, urls.slice(0, 1))
    await made.begin(0)
    await query(urls[0] ?? '', `ALTER TABLE ${TABLE} DETACH PARTITION ${TABLE}_p0001`)
    expect(await made.remove()).toEqual([])
    expect(await ours(urls[0] ?? '')).toEqual([])
  })
})

/** When the first partition of the load ended, less its length: seconds since 1970 by the server's clock. */
async function originOf(): Promise<number> {
  const [row] = await query(
    urls[0] ?? '',
    `SELECT extract(epoch FROM split_part(pg_get_expr(relpartbound, oid), '''', 4)::timestamptz)::float8 AS "end"
       FROM pg_class WHERE relname = '${TABLE}_p0000'`,
  )
  return Number(row?.['end']) - PARTITION_MS / 1000
}
