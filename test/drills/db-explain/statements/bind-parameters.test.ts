import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {seededRandom} from '../../../../src/lib/base/random.js'
import {bindParameters} from '../../../../src/lib/drills/db-explain/statements/bind-parameters.js'
import type {BoundQuery, Skipped, Stratum, Value} from '../../../../src/lib/drills/db-explain/query.js'
import type {Session} from '../../../../src/lib/protocols/postgres/session.js'
import {startPostgres, type PostgresService} from '../../../../src/lib/targets/embedded/postgres.js'
import {queryIn, SCHEMA, sessionAt} from './scene.js'

let postgres: PostgresService
let session: Session

beforeAll(async () => {
  postgres = await startPostgres()
  session = await sessionAt(postgres.url)
  await session.run(SCHEMA)
})

afterAll(async () => {
  await session.end()
  await postgres[Symbol.asyncDispose]()
})

async function bound(sql: string, seed = 'a'): Promise<BoundQuery | Skipped> {
  return bindParameters(await queryIn(sql, session), session, seededRandom(seed))
}

async function setsOf(sql: string, seed?: string): Promise<Partial<Record<Stratum, readonly (readonly Value[])[]>>> {
  const query = await bound(sql, seed)
  if (!('bindings' in query)) throw new Error(query.reason)
  const sets: Partial<Record<Stratum, (readonly Value[])[]>> = {}
  for (const {stratum, values} of query.bindings) (sets[stratum] ??= []).push(values)
  return sets
}

/** How many rows each stratum finds: the least and the most. */
async function rowsFound(sql: string): Promise<Partial<Record<Stratum, readonly [number, number]>>> {
  const query = await bound(sql)
  if (!('bindings' in query)) throw new Error(query.reason)
  const found: Partial<Record<Stratum, readonly [number, number]>> = {}
  for (const {stratum, values} of query.bindings) {
    const {rows} = await session.read(sql, values)
    const [least, most] = found[stratum] ?? [Infinity, 0]
    found[stratum] = [Math.min(least, rows.length), Math.max(most, rows.length)]
  }
  return found
}

describe('values are drawn so that typical and common ones find rows, and absent ones find none', () => {
  it.each([
    'SELECT id FROM messages WHERE room_id = $1',
    'SELECT id FROM messages WHERE $1 = room_id',
    'SELECT id FROM messages WHERE room_id = ANY($1)',
    'SELECT id FROM messages WHERE room_id = ANY($1::int[]) AND data @> $2',
    'SELECT id FROM messages WHERE room_id IN ($1, $2, $3)',
    'SELECT id FROM messages WHERE body ILIKE $1',
    `SELECT id FROM messages WHERE body LIKE '%' || $1 || '%'`,
    `SELECT id FROM messages WHERE body LIKE $1 || '%'`,
    'SELECT id FROM messages WHERE body ~* $1',
    'SELECT id FROM messages WHERE tags @> $1',
    'SELECT id FROM messages WHERE tags && $1::text[]',
    'SELECT id FROM messages WHERE $1 = ANY(tags)',
    'SELECT id FROM messages WHERE data @> $1',
    'SELECT id FROM messages WHERE data ? $1',
    'SELECT id FROM messages WHERE data ?| $1',
    `SELECT id FROM messages WHERE data ->> 'kind' = $1`,
    'SELECT id FROM messages WHERE data ->> $1 = $2',
    'SELECT id FROM messages WHERE data -> $1 ->> $2 = $3',
    'SELECT id FROM messages WHERE to_tsvector($1, body) @@ websearch_to_tsquery($2, $3)',
    `SELECT id FROM messages WHERE to_tsvector('english', body) @@ plainto_tsquery('english', $1)`,
    `SELECT id FROM messages WHERE to_tsvector('simple', body) @@ $1`,
    'SELECT "Id" FROM "Other Place"."User Accounts" WHERE lower("Email Address") = $1',
    'SELECT "Id" FROM "Other Place"."User Accounts" u WHERE lower(u."Email Address") = lower($1)',
    'SELECT "Id" FROM "Other Place"."User Accounts" WHERE "Id" = $1::uuid',
    'SELECT id FROM recent WHERE room = $1 AND sent > $2',
    'SELECT r.id FROM (SELECT room AS place, id FROM recent) r WHERE r.place = $1',
    'WITH r AS MATERIALIZED (SELECT room_id AS place, id FROM messages) SELECT id FROM r WHERE place = $1',
    'SELECT kind FROM rooms WHERE EXISTS (SELECT FROM messages m WHERE m.room_id = rooms.id AND m.user_id = $1)',
    'SELECT id FROM events WHERE kind = $1 AND at >= $2',
    'SELECT id FROM messages WHERE room_id = (SELECT max(room_id) FROM messages WHERE user_id = $1) AND user_id = $1',
    `SELECT id FROM messages WHERE user_id = $1 AND created_at > now() - $2::interval`,
    'SELECT id FROM messages WHERE ($1::int IS NULL OR user_id = $1) LIMIT $2 OFFSET $3',
    'SELECT id FROM messages WHERE user_id = $1 UNION ALL SELECT id FROM rooms WHERE id = $2 AND $1 > 0',
  ])('%s', async (sql) => {
    const {typical, common, absent} = await rowsFound(sql)
    // Where there are few values, the typical ones are the common ones.
    expect(Math.min(common?.[0] ?? Infinity, typical?.[0] ?? Infinity)).toBeGreaterThan(0)
    expect(common ?? typical).toBeDefined()
    if (sql.includes('UNION')) return
    expect(absent).toEqual([0, 0])
  })

  it.each([
    'SELECT id FROM messages WHERE created_at BETWEEN $1 AND $2',
    'SELECT id FROM messages WHERE created_at > $1',
    'SELECT id FROM messages WHERE (created_at, id) < ($1, $2) ORDER BY created_at DESC, id DESC LIMIT $3',
    `SELECT id FROM messages WHERE created_at > now() - make_interval(days => $1)`,
    `SELECT id FROM messages WHERE created_at > now() - $1 * interval '1 day'`,
    `SELECT id FROM messages WHERE created_at > now() - ($1 || ' days')::interval`,
    'SELECT id FROM events WHERE at > $1 AND at <= $2',
    'SELECT "Id" FROM "Other Place"."User Accounts" WHERE "isAdmin" = $1',
    `SELECT date_trunc($1, created_at) FROM messages WHERE date_trunc($1, created_at) = $2`,
  ])('%s', async (sql) => {
    expect((await rowsFound(sql)).typical?.[0]).toBeGreaterThan(0)
  })
})

it('knows the most common value, and lets what stands in one row stand together', async () => {
  const {common, typical, absent} = await setsOf('SELECT id FROM messages m WHERE m.room_id = $1 AND m.user_id = $2')
  expect(common?.[0]?.[0]).toBe('1')
  expect(typical).toHaveLength(3)
  for (const [room, user] of [...(common ?? []), ...(typical ?? [])]) {
    expect(Math.floor(Number(user) / 1000)).toBe(Number(room))
  }
  expect(absent).toHaveLength(1)
})

it('draws for each table by itself when a query joins them', async () => {
  const {typical} = await setsOf(
    'SELECT m.id FROM rooms r JOIN messages m ON m.room_id = r.id WHERE m.user_id = $1 AND r.kind = $2',
  )
  for (const [user, kind] of typical ?? []) {
    const {rows} = await session.read('SELECT 1 FROM messages, rooms WHERE user_id = $1 AND kind = $2', [
      user ?? null,
      kind ?? null,
    ])
    expect(rows.length).toBeGreaterThan(0)
  }
  expect(typical?.length).toBeGreaterThan(0)
})

it('draws at most two common, three typical and one absent set, each once', async () => {
  const {common = [], typical = [], absent = []} = await setsOf('SELECT id FROM messages WHERE room_id = $1')
  const all = [...common, ...typical, ...absent].map((values) => JSON.stringify(values))
  expect([common.length, absent.length]).toEqual([2, 1])
  expect(typical.length).toBeLessThanOrEqual(3)
  expect(new Set(all).size).toBe(all.length)
})

it('reads a narrow window at the end of the data, and ranges with their ends in order', async () => {
  const window = await rowsFound('SELECT id FROM messages WHERE created_at > $1')
  expect(window.typical?.[1]).toBeLessThanOrEqual(500)
  const range = await rowsFound('SELECT id FROM messages WHERE created_at >= $1 AND created_at < $2')
  expect(range.typical?.[0]).toBeGreaterThan(200)
  expect(range.typical?.[1]).toBeLessThan(600)
})

it('says the same with the same seed, and something else with another', async () => {
  const sql = 'SELECT id FROM messages WHERE user_id = $1 AND body LIKE $2'
  expect(await setsOf(sql, 'one')).toEqual(await setsOf(sql, 'one'))
  expect(await setsOf(sql, 'one')).not.toEqual(await setsOf(sql, 'other'))
})

it('takes pages of 50 from the first on, and any value for what is only shown', async () => {
  const {typical} = await setsOf('SELECT $1::text, id FROM rooms ORDER BY id LIMIT $2 OFFSET ($3 - 1) * $2')
  expect(typical).toEqual([['x', '50', '1']])
})

it('reads a few pages of a large table only', async () => {
  await session.run(
    `CREATE TABLE large AS SELECT n AS id, n % 50 AS kind, repeat('x', 1000) AS body FROM generate_series(1, 20000) n; ANALYZE large`,
  )
  const before = await session.read(`SELECT pg_relation_size('large') / 8192`)
  const {common, typical} = await setsOf('SELECT id FROM large WHERE kind = $1 AND id > $2')
  expect([Number(before.rows[0]?.[0]) > 2000, common?.length, typical?.length]).toEqual([true, 2, 3])
})

it('needs no statistics', async () => {
  await session.run('CREATE TABLE fresh AS SELECT n % 3 AS kind FROM generate_series(1, 100) n')
  expect((await setsOf('SELECT * FROM fresh WHERE kind = $1')).common).toHaveLength(2)
})

it('leaves a query without parameters as it is', async () => {
  expect(await bound('(SELECT id FROM rooms)')).toMatchObject({bindings: [{stratum: 'none', values: []}]})
})

describe('values that were given', () => {
  it('replace the drawing', async () => {
    const query = await bound(`-- params: 7, null\n-- params: 8, 'x'\nSELECT id FROM rooms WHERE id = $1 AND kind = $2`)
    expect(query).toMatchObject({
      bindings: [
        {stratum: 'given', values: ['7', null]},
        {stratum: 'given', values: ['8', 'x']},
      ],
    })
  })

  it.each([
    ['-- params: 1', 'set 1 of its values has 1, but it has 2 parameters (integer, text)'],
    [`-- params: 1, 'x'\n-- params: 'secret', 'x'`, 'set 2 of its values does not fit its parameters (integer, text)'],
  ])('must fit: %j', async (comments, reason) => {
    expect(await bound(`${comments}\nSELECT id FROM rooms WHERE id = $1 AND kind = $2`)).toMatchObject({reason})
  })
})

describe('skipped with the reason', () => {
  it.each([
    [
      'SELECT room_id FROM messages WHERE room_id = $1 GROUP BY 1 HAVING count(*) > $2',
      'missing parameters: no value for $2 can be drawn from the data; write above it: -- params: <integer>, <bigint>',
    ],
    [
      'SELECT id FROM empty WHERE id = $1',
      'missing parameters: no value for $1 can be drawn from the data; write above it: -- params: <integer>',
    ],
    [
      'SELECT "Id" FROM "Other Place"."User Accounts" WHERE md5("Email Address") = md5($1)',
      'missing parameters: no value for $1 can be drawn from the data; write above it: -- params: <text>',
    ],
    [
      'SELECT m.id FROM messages m JOIN unnest($1::int[]) u ON m.room_id = u',
      'missing parameters: no value for $1 can be drawn from the data; write above it: -- params: <integer[]>',
    ],
    ['SELECT id FROM nowhere WHERE id = $1', 'relation "nowhere" does not exist'],
    ['SELECT id FROM rooms, nowhere', 'relation "nowhere" does not exist'],
    ['SELECT id FROM rooms WHERE $1 IS NULL', 'could not determine data type of parameter $1'],
    [`SELECT id FROM rooms WHERE id = 'secret'`, 'the server refuses a value in it (SQLSTATE 22P02)'],
  ])('%s', async (sql, reason) => {
    const text = sql.replace('FROM nowhere', 'FROM rooms, nowhere')
    expect(await bound(text)).toMatchObject({reason})
  })

  it('what may not be read', async () => {
    const admin = await sessionAt(postgres.adminUrl)
    await admin.run('CREATE TABLE secrets (id int); INSERT INTO secrets VALUES (1)')
    const [one, other] = [await bound('SELECT id FROM secrets'), await bound('SELECT id FROM secrets WHERE id = $1')]
    await admin.end()
    expect([one, other]).toMatchObject([
      {reason: 'permission denied for table secrets'},
      {reason: 'permission denied for table secrets'},
    ])
  })
})

it('leaves nothing behind in the session and on the server', async () => {
  const state = () =>
    session.read(`SELECT (SELECT count(*) FROM pg_prepared_statements WHERE from_sql), pg_current_xact_id_if_assigned(),
      current_setting('plan_cache_mode'), (SELECT count(*) FROM pg_class)`)
  const before = await state()
  await bound('SELECT id FROM messages WHERE room_id = $1')
  await bound('SELECT id FROM rooms, nowhere WHERE id = $1')
  expect(await state()).toEqual(before)
})
