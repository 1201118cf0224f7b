/** On a database of our own: what is built is seen or not seen as told, what helps is chosen, and its gain is proven in pairs. */
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {explain} from '../../../../src/lib/drills/db-explain/plans/explain.js'
import type {BoundQuery} from '../../../../src/lib/drills/db-explain/query.js'
import {choose, type Choice} from '../../../../src/lib/drills/db-explain/trial/choose.js'
import {chargeWrites} from '../../../../src/lib/drills/db-explain/trial/charge-writes.js'
import {measurePairs, type PairSettings} from '../../../../src/lib/drills/db-explain/trial/measure-pairs.js'
import {ownGround} from '../../../../src/lib/drills/db-explain/trial/own-ground.js'
import {isBuilt, type Built, type TrialGround} from '../../../../src/lib/drills/db-explain/trial/trial-ground.js'
import type {Session} from '../../../../src/lib/protocols/postgres/session.js'
import {startPostgres, type PostgresService} from '../../../../src/lib/targets/embedded/postgres.js'
import {candidate, CHAT, CLOCK, design, DESIGNS, kitOf, query, QUERIES, sessionOn} from './ground-kit.js'

let postgres: PostgresService
let session: Session
const {history, rooms, search, every, digest} = QUERIES
const NEVER = new AbortController().signal
const TIMES = new Map([...Object.values(QUERIES)].map(({name}) => [name, 50]))

beforeAll(async () => {
  postgres = await startPostgres({settings: {autovacuum: 'off'}})
  session = await sessionOn(postgres.adminUrl)
  await session.run(CHAT)
  await session.run('VACUUM (ANALYZE)')
})

afterAll(async () => {
  await session.end()
  await postgres[Symbol.asyncDispose]()
})

async function built(ground: TrialGround, ...designs: Parameters<TrialGround['build']>[0][]): Promise<Built[]> {
  const all: Built[] = []
  for (const one of designs) {
    const trial = await ground.build(one)
    if (!isBuilt(trial)) throw new Error(trial.reason)
    all.push(trial)
  }
  return all
}

const indexesOf = async (query: BoundQuery) => (await explain(session, query, query.bindings[0]?.values ?? [])).indexes

describe('the ground', () => {
  test('shows exactly the indexes that are to be seen, a hundred times over', async () => {
    await using ground = ownGround(session, {clock: CLOCK})
    const [roomSent, room] = (await built(ground, DESIGNS.roomSent, DESIGNS.room)) as [Built, Built]
    for (let turn = 0; turn < 100; turn++) {
      const visible = [[], [roomSent], [room]][turn % 3] ?? []
      await ground.see(visible)
      expect(await indexesOf(history)).toEqual(visible.map((index) => index.name))
    }
  })

  test('says why a design cannot be built', async () => {
    await using ground = ownGround(session, {clock: CLOCK})
    expect(await ground.build(design(['nowhere']))).toMatchObject({
      reason: expect.stringContaining('"nowhere" does not exist') as string,
    })
  })

  test('makes the extension that a design needs, and learns what an expression yields', async () => {
    await using ground = ownGround(session, {clock: CLOCK})
    expect(isBuilt(await ground.build(DESIGNS.words, ['pg_trgm']))).toBe(true)
    const [lower] = (await built(ground, DESIGNS.lower)) as [Built]
    await ground.see([lower])
    expect(await indexesOf(query('lower', `SELECT id FROM message WHERE lower(body) = 'x'`))).toEqual([lower.name])
  })

  test('finds the parts of an index on a partitioned table in the plan', async () => {
    await session.run(`
      CREATE TABLE parted (id int, owner int) PARTITION BY RANGE (id);
      CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM (0) TO (5000);
      CREATE TABLE parted_2 PARTITION OF parted FOR VALUES FROM (5000) TO (10001);
      INSERT INTO parted SELECT g, g FROM generate_series(1, 10000) g; ANALYZE parted`)
    await using ground = ownGround(session, {clock: CLOCK})
    const [whole] = (await built(ground, design(['owner'], {table: 'parted'}))) as [Built]
    const found = query('parted', 'SELECT * FROM parted WHERE owner = 77')
    await ground.see([whole])
    const seen = await indexesOf(found)
    expect(seen.length).toBe(2)
    expect(whole.names).toEqual(expect.arrayContaining([...seen]))
    await ground.see([])
    expect(await indexesOf(found)).toEqual([])
  })

  test('leaves no index behind', async () => {
    expect(await session.ask(`SELECT relname FROM pg_class WHERE relname LIKE 'proofload_trial%'`)).toEqual([])
  })
})

describe('choosing', () => {
  const pick = (ground: TrialGround, candidates: readonly ReturnType<typeof candidate>[]) =>
    choose(ground, {queries: [history, rooms, search, every], candidates, times: TIMES, slowMs: 10, signal: NEVER})
  const keysOf = (choice: Choice) => choice.chosen.map(({candidate: {design: taken}}) => taken)

  test('takes one index for two queries, one of trigrams, and tells why the others were not taken', async () => {
    await using ground = ownGround(session, {clock: CLOCK})
    const choice = await pick(ground, [
      candidate(DESIGNS.room, ['rooms']),
      candidate(DESIGNS.rare, ['every']),
      candidate(DESIGNS.author, ['every']),
      candidate(DESIGNS.roomSent, ['history']),
      candidate(DESIGNS.words, ['search'], {needs: ['pg_trgm']}),
      candidate(design(['nowhere']), ['every']),
    ])
    expect(new Set(keysOf(choice))).toEqual(new Set([DESIGNS.roomSent, DESIGNS.words]))
    const shared = choice.chosen.find(({candidate: {design: taken}}) => taken === DESIGNS.roomSent)
    expect(shared?.serves).toEqual(expect.arrayContaining(['history', 'rooms']))
    const reasons = new Map(choice.rejected.map(({design: left, reason}) => [left, reason]))
    expect(reasons.get(DESIGNS.room)).toBe('saves nothing beside those that were chosen')
    expect(reasons.get(DESIGNS.author)).toBe('no plan uses it')
    expect(choice.notTried.map(({serves}) => serves)).toEqual([['every']])
    const left = await session.ask<{n: number}>(
      `SELECT count(*)::int AS n FROM pg_class WHERE relname LIKE 'proofload_trial%'`,
    )
    expect(left).toEqual([{n: 2}])
  })

  test('tells of a cheap alternative without taking it', async () => {
    await using ground = ownGround(session, {clock: CLOCK})
    const window = query('window', `SELECT sum(length) FROM message WHERE sent BETWEEN $1 AND $2`, [
      '2026-01-01T01:00Z',
      '2026-01-01T01:05Z',
    ])
    const choice = await choose(ground, {
      queries: [window],
      candidates: [
        candidate(design(['sent'], {method: 'brin'}), ['window'], {alternative: true}),
        candidate(design(['sent']), ['window']),
      ],
      times: new Map(),
      slowMs: 10,
      signal: NEVER,
    })
    expect(
      choice.chosen.map(
        ({
          candidate: {
            design: {method},
          },
        }) => method,
      ),
    ).toEqual(['btree'])
    expect(choice.alternatives).toMatchObject([{serves: ['window'], candidate: {design: {method: 'brin'}}}])
  })
})

describe('measuring', () => {
  const SHORT: PairSettings = {minPairs: 12, untilHalfWidth: 0.5, capMs: 4000, warmups: 2}

  test('proves that an index which helps saves more than half of the time, and that it changes no answer', async () => {
    await using ground = ownGround(session, {clock: CLOCK})
    const chosen = await built(ground, DESIGNS.digest)
    const [helped, untouched] = await measurePairs(ground, {queries: [digest, every], chosen}, SHORT, kitOf())
    expect(helped).toMatchObject({
      answers: 'same',
      samePlan: false,
      uses: [chosen[0]?.name],
      ended: 'precise',
      failures: {},
    })
    expect(1 - (helped?.ratio?.upper ?? 1)).toBeGreaterThan(0.5)
    expect(helped?.chance).toBeLessThan(0.01)
    for (const {before, after} of helped?.bindings ?? [])
      expect(Math.min(before.length, after.length)).toBeGreaterThanOrEqual(4)
    expect(untouched).toMatchObject({answers: 'same', samePlan: true, uses: []})
  })

  test('asks what is planned alike as often as it weighs in the workload, and no oftener', async () => {
    await using ground = ownGround(session, {clock: CLOCK})
    const restless = 'SELECT pg_sleep(random() * 0.01)'
    const [seldom, often] = [query('seldom', restless), {...query('often', `${restless}, 1`), calls: 10_000}]
    const settings = {...SHORT, untilHalfWidth: 0.1, capMs: 1500}
    const [rare, heavy] = await measurePairs(ground, {queries: [seldom, often], chosen: []}, settings, kitOf())
    expect([rare?.samePlan, heavy?.samePlan]).toEqual([true, true])
    expect(rare?.ratio?.samples).toBe(8)
    expect(heavy?.ratio?.samples).toBeGreaterThan(12)
  })

  test('finds a query that a new index makes slower', async () => {
    await using ground = ownGround(session, {clock: CLOCK})
    const chosen = await built(ground, design(['author']))
    // Told that reading here and there costs nothing, the planner fetches every row by the index instead of reading the table once.
    await session.run(
      'SET random_page_cost = 0; SET cpu_index_tuple_cost = 0; SET cpu_operator_cost = 0; SET enable_bitmapscan = off; SET enable_sort = off',
    )
    const misled = query('misled', `SELECT sum(length) FROM message WHERE author >= 0`)
    const [measured] = await measurePairs(ground, {queries: [misled], chosen}, SHORT, kitOf())
    await session.run('RESET ALL')
    expect(measured?.uses).toEqual([chosen[0]?.name])
    expect(measured?.ratio?.lower).toBeGreaterThan(1.3)
    expect(measured?.answers).toBe('same')
  })

  test('counts what the server refuses, and measures the rest', async () => {
    await using ground = ownGround(session, {clock: CLOCK})
    const broken = query('broken', 'SELECT 1 / (count(*) - count(*)) FROM message')
    const [failed, fine] = await measurePairs(ground, {queries: [broken, rooms], chosen: []}, SHORT, kitOf())
    expect(failed).toMatchObject({ended: 'failing', answers: 'unknown', ratio: undefined})
    expect(failed?.failures['22012']).toBeGreaterThan(3)
    expect(fine?.ratio?.samples).toBeGreaterThanOrEqual(6)
  })

  test('resolves with what was measured when it is interrupted', async () => {
    await using ground = ownGround(session, {clock: CLOCK})
    const chosen = await built(ground, DESIGNS.roomSent)
    const interrupt = new AbortController()
    const read = session.read.bind(session)
    let runs = 0
    session.read = (sql, ...values) => {
      if (!sql.startsWith('EXPLAIN') && (runs += 1) === 25) interrupt.abort()
      return read(sql, ...values)
    }
    const [measured] = await measurePairs(
      ground,
      {queries: [history], chosen},
      {...SHORT, minPairs: 1000},
      kitOf(interrupt.signal),
    )
    session.read = read
    expect(measured?.ended).toBe('interrupted')
    expect(measured?.ratio?.samples).toBeGreaterThan(3)
    expect(runs).toBeLessThan(40)
  })

  test('a timeout counts as a time and as a failure', async () => {
    await using ground = ownGround(session, {clock: CLOCK})
    const chosen = await built(ground, DESIGNS.roomSent)
    const slow = query('slow', `SELECT count(*), max(pg_sleep(0.001)::text) FROM message WHERE "roomId" = 9`)
    await session.run('SET statement_timeout = 40')
    const [measured] = await measurePairs(ground, {queries: [slow], chosen}, {...SHORT, capMs: 600}, kitOf())
    await session.run('RESET statement_timeout')
    expect(measured?.timeouts.before).toBeGreaterThan(0)
    expect(measured?.failures['57014']).toBe((measured?.timeouts.before ?? 0) + (measured?.timeouts.after ?? 0))
  })
})

describe('charging the writes', () => {
  test('of a table with keys, foreign keys, an identity and a generated column, and leaves its rows as they were', async () => {
    await using ground = ownGround(session, {clock: CLOCK})
    const words = await ground.build(DESIGNS.words, ['pg_trgm'])
    const author = await ground.build(DESIGNS.author)
    if (!isBuilt(words) || !isBuilt(author)) throw new Error('not built')
    const sum = `SELECT count(*)::text AS n, sum(hashtext(m::text))::text AS sum FROM message m`
    const before = await session.ask(sum)
    const charge = await chargeWrites(
      ground,
      {table: '"public"."message"', chosen: [words, author], pairs: 4, rows: 200},
      kitOf(),
    )
    expect(charge).toMatchObject({rows: 200, uncharged: []})
    // Trigrams of long texts cost many times what the rows cost.
    expect(charge.insert?.lower).toBeGreaterThan(1.5)
    expect(charge.update?.lower).toBeGreaterThan(1.5)
    expect(charge.hot?.after).toBe(0)
    expect(charge.hot?.before).toBeGreaterThan(0.9)
    expect(await session.ask(sum)).toEqual(before)
    expect(await session.ask(`SELECT FROM pg_index WHERE NOT indislive OR NOT indisready`)).toEqual([])
  })

  test('says what cannot be charged, and why', async () => {
    await session.run('CREATE TABLE empty (id int PRIMARY KEY)')
    await using ground = ownGround(session, {clock: CLOCK})
    const empty = await chargeWrites(ground, {table: '"public"."empty"', chosen: []}, kitOf())
    expect(empty.uncharged).toEqual(['writes: the table has no rows of its own'])
    const chosen = await built(ground, design(['token', 'id']))
    const keys = await chargeWrites(ground, {table: '"public"."message"', chosen, pairs: 3, rows: 100}, kitOf())
    expect(keys.update).toBeUndefined()
    expect(keys.uncharged).toEqual(['updates: every column that the new indexes read is part of a key'])
    expect(keys.insert).toBeDefined()
  })
})
