/** The shards as they are in Postgres: ids, partitions made ahead of time, and the archive. */
import pg from 'pg'
import {afterAll, beforeAll, describe, expect, it, vi} from 'vitest'
import {HostClock} from '../../../src/lib/base/clock.js'
import {seededRandom} from '../../../src/lib/base/random.js'
import {startPostgres, type PostgresService} from '../../../src/lib/targets/embedded/postgres.js'
import {createShards} from '../../../src/lib/targets/practice/create-shards.js'
import {connectPostgresStore} from '../../../src/lib/targets/practice/postgres-store.js'
import {Shards} from '../../../src/lib/targets/practice/shards.js'
import {StoreAway, type MessageStore} from '../../../src/lib/targets/practice/store.js'

const clock = new HostClock()
const WAIT = {timeout: 15_000, interval: 50}
let postgres: PostgresService
let urls: readonly string[]
let stores: MessageStore[]
let admins: pg.Client[]
let numbers = 0

beforeAll(async () => {
  postgres = await startPostgres()
  urls = await createShards(postgres)
  stores = await Promise.all(urls.map((_, shard) => open(shard)))
  admins = urls.map((url) => new pg.Client(url))
  await Promise.all(admins.map((admin) => admin.connect()))
}, 60_000)

afterAll(async () => {
  await Promise.all(admins.map((admin) => admin.end()))
  await Promise.all(stores.map((store) => store.close()))
  await postgres[Symbol.asyncDispose]()
})

function open(shard: number): Promise<MessageStore> {
  const random = seededRandom(`shard ${shard} ${++numbers}`)
  return connectPostgresStore(urls[shard] ?? '', {place: {shard, of: urls.length}, clock, random})
}

/** Saves as many messages in `room`, accepted `lateMs` from now. */
async function save(store: MessageStore | undefined, room: string, bodies: readonly string[], lateMs = 0) {
  const time = clock.date().getTime() + lateMs
  const columns = {
    numbers: bodies.map(() => ++numbers),
    rooms: bodies.map(() => room),
    senders: bodies.map(() => 'ann'),
    bodies,
    times: bodies.map(() => time),
  }
  return (await store?.save(columns)) ?? []
}

function valuesOf<Value>(admin: pg.Client | undefined, sql: string): Promise<Value[]> {
  return admin?.query<{value: Value}>(sql).then(({rows}) => rows.map(({value}) => value)) ?? Promise.resolve([])
}

const fifty = Array.from({length: 50}, (_, index) => `body ${index}`)

describe('two shards', () => {
  it('give out ids that rise, differ, and tell the shard', async () => {
    const shards = new Shards(stores)
    for (const [shard, store] of stores.entries()) {
      const ids = await save(store, `ids ${shard}`, fifty)
      expect(ids).toEqual([...new Set(ids)].sort((a, b) => a - b))
      expect(ids.every((id) => shards.numberOf(id) === shard)).toBe(true)
    }
  })

  it('share the rooms evenly, and always in the same way', () => {
    const rooms = Array.from({length: 1000}, (_, index) => `proofload-k7f39qxm-${index}`)
    const places = rooms.map((room) => new Shards(stores).placing(room))
    expect(places.filter((place) => place === 0).length).toBeGreaterThan(420)
    expect(places.filter((place) => place === 1).length).toBeGreaterThan(420)
    expect(rooms.map((room) => new Shards(stores).placing(room))).toEqual(places)
  })
})

describe('partitions', () => {
  it('are there for what comes within the next twelve seconds, and every row is in that of its time', async () => {
    await save(stores[0], 'now', fifty)
    await save(stores[0], 'soon', fifty, 12_000)
    const [wrong] = await valuesOf<number>(
      admins[0],
      `select count(*)::int as value from messages join message_partitions on name = messages.tableoid::regclass::text
       where at < starts or at >= ends`,
    )
    expect(wrong).toBe(0)
    const partitions = await valuesOf<string>(
      admins[0],
      'select distinct tableoid::regclass::text as value from messages',
    )
    expect(partitions.length).toBeGreaterThan(1)
  })

  it('are kept two ahead by one of several nodes, by another one when that is gone', async () => {
    const [first, second] = [await open(1), await open(1)]
    const leaders = () => [stores[1], first, second].filter((store) => store?.upkeep?.leads === true)
    await vi.waitFor(() => expect(leaders()).toHaveLength(1), WAIT)
    expect(leaders()[0]?.upkeep?.partitionsAhead).toBeGreaterThanOrEqual(2)
    await valuesOf(
      admins[1],
      `select pg_terminate_backend(pid) as value from pg_locks where locktype = 'advisory' and objid = 7346522
       and database = (select oid from pg_database where datname = current_database())`,
    )
    await vi.waitFor(() => expect(leaders()).toHaveLength(1), WAIT)
    await Promise.all([first.close(), second.close()])
  })

  it('that are not there yet let an insert be tried again', async () => {
    await expect(save(stores[0], 'later', ['x'], 45_000)).rejects.toBeInstanceOf(StoreAway)
  })

  it('that run out by a defect have inserts refused for good, and are back after it', async () => {
    const upkeep = stores[0]?.upkeep
    await vi.waitFor(() => expect(upkeep?.leads).toBe(true), WAIT)
    if (upkeep === undefined) throw new Error('there is no upkeep')
    const moment = clock.date().getTime() + 15_000
    upkeep.runsOutAt = moment
    await vi.waitFor(async () => {
      const ends = await valuesOf<number>(
        admins[0],
        'select (extract(epoch from max(ends)) * 1000)::float8 as value from message_partitions',
      )
      expect(ends).toEqual([moment])
    }, WAIT)
    await save(stores[0], 'gap', ['before'])
    await expect(save(stores[0], 'gap', ['after'], 16_000)).rejects.toThrow('no partition of relation "messages"')
    upkeep.runsOutAt = undefined
    await vi.waitFor(() => save(stores[0], 'gap', ['again'], 16_000), WAIT)
    const history = await stores[0]?.history({room: 'gap', after: 0, limit: 10})
    expect(history?.map(({body}) => body)).toEqual(['before', 'again'])
  })
})

describe('the archive', () => {
  it('has every message once, in seconds, though ids are committed out of their order', async () => {
    const late = new pg.Client(urls[0])
    late.on('error', () => undefined)
    await late.connect()
    await late.query('begin')
    await late.query(
      `insert into messages (key, room, sender, body, at) values (-1, 'archived', 'bob', 'first begun', now())`,
    )
    await save(stores[0], 'archived', fifty)
    await save(stores[0], 'marker', ['x'])
    await late.query('commit')
    await late.end()
    await vi.waitFor(async () => {
      const archived = await stores[0]?.archive({room: 'archived', after: 0, limit: 100})
      expect(archived?.map(({body}) => body)).toEqual(['first begun', ...fifty])
    }, WAIT)
    const open = `select count(*)::int as value from messages where not exists
      (select from archived_messages archived where archived.id = messages.id)`
    await vi.waitFor(async () => expect(await valuesOf(admins[0], open)).toEqual([0]), WAIT)
    const more = 'select count(*)::int - count(distinct id)::int as value from archived_messages'
    expect(await valuesOf(admins[0], more)).toEqual([0])
    expect(stores[0]?.upkeep?.archived).toBeGreaterThan(50)
  })

  it('lacks a batch that is passed over, and nothing else', async () => {
    const upkeep = stores[1]?.upkeep
    await vi.waitFor(() => expect(upkeep?.leads).toBe(true), WAIT)
    if (upkeep === undefined) throw new Error('there is no upkeep')
    let batches = 0
    upkeep.skips = () => batches++ === 0
    await save(stores[1], 'skipped', ['never archived'])
    await vi.waitFor(() => expect(batches).toBe(1), WAIT)
    await save(stores[1], 'skipped', ['archived'])
    await vi.waitFor(async () => {
      const archived = await stores[1]?.archive({room: 'skipped', after: 0, limit: 10})
      expect(archived?.map(({body}) => body)).toEqual(['archived'])
    }, WAIT)
    upkeep.skips = undefined
  })
})
