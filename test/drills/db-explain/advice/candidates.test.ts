/** From real plans of a real Postgres to index candidates: the expected one is named, and once it is built the planner takes it. */
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {factsOf, readTableFacts} from '../../../../src/lib/drills/db-explain/advice/catalogue/read-table-facts.js'
import {readServerFacts} from '../../../../src/lib/drills/db-explain/advice/catalogue/read-server-facts.js'
import {candidatesFor, type Advice} from '../../../../src/lib/drills/db-explain/advice/candidates/candidates-for.js'
import {bodyOf, ddlOf, nameOf} from '../../../../src/lib/drills/db-explain/advice/ddl.js'
import type {Candidate, IndexDesign} from '../../../../src/lib/drills/db-explain/advice/index-design.js'
import {mergeCandidates} from '../../../../src/lib/drills/db-explain/advice/merge-candidates.js'
import {findScans} from '../../../../src/lib/drills/db-explain/advice/scans/find-scans.js'
import type {ServerFacts} from '../../../../src/lib/drills/db-explain/advice/table-facts.js'
import type {Value} from '../../../../src/lib/drills/db-explain/query.js'
import {connect, doorOf} from '../../../../src/lib/protocols/postgres/connect.js'
import type {Session} from '../../../../src/lib/protocols/postgres/session.js'
import {startPostgres, type PostgresService} from '../../../../src/lib/targets/embedded/postgres.js'
import {CHAT_TABLES, VACUUM} from './chat-tables.js'
import {planOf} from './plan-of.js'

let service: PostgresService
let session: Session
let server: ServerFacts

beforeAll(async () => {
  service = await startPostgres({settings: {autovacuum: 'off'}})
  session = await connect(doorOf(service.adminUrl, {tls: {insecure: false}, timeoutMs: 60_000, shard: 0}))
  // VACUUM marks no page as all-visible whose transaction, or a later one beside it, is not yet flushed; this server flushes late.
  await session.run('SET synchronous_commit = on; SET max_parallel_workers_per_gather = 0; SET jit = off')
  await session.run(CHAT_TABLES)
  await session.run(VACUUM)
  server = await readServerFacts(session)
}, 120_000)

afterAll(async () => {
  await session.end()
  await service[Symbol.asyncDispose]()
})

interface Given {
  readonly bound?: readonly Value[]
  readonly analyze?: boolean
  readonly server?: Partial<ServerFacts>
}

/** Of all scans of the query, in the order of the plan. */
async function adviceFor(sql: string, given: Given = {}): Promise<readonly Advice[]> {
  const scans = await findScans(await planOf(session, sql, given))
  const facts = await readTableFacts(
    session,
    scans.map(({relation}) => relation),
  )
  return scans.map((scan) => {
    const table = factsOf(facts, scan.relation)
    if (table === undefined) throw new Error(`no facts of ${scan.relation.name}`)
    const ask = {query: 'q', server: {...server, ...given.server}, bound: given.bound ?? []}
    return candidatesFor(scan, table, ask)
  })
}

async function designsFor(sql: string, given: Given = {}): Promise<readonly IndexDesign[]> {
  return (await adviceFor(sql, given)).flatMap(({candidates}) => candidates.map(({design}) => design))
}

/** Built in a transaction that is rolled back. */
async function plannerTakes(design: IndexDesign, sql: string): Promise<boolean> {
  await session.run('BEGIN')
  try {
    await session.run(ddlOf(design))
    // The planner knows nothing of an expression before.
    if (design.keys.some((key) => 'expression' in key))
      await session.run(`ANALYZE "${design.schema}"."${design.table}"`)
    const {indexes} = await planOf(session, sql, {analyze: false})
    const [own] = await session.ask<{names: string[]}>(
      `SELECT ARRAY(SELECT relid::regclass::text FROM pg_partition_tree(i.indexrelid)) || i.indexrelid::regclass::text AS names
         FROM pg_index i WHERE indexrelid = format('%I.%I', $1::text, $2::text)::regclass`,
      [design.schema, nameOf(design)],
    )
    return indexes.some((name) => own?.names.some((one) => one.replaceAll('"', '').endsWith(name)) ?? false)
  } finally {
    await session.run('ROLLBACK')
  }
}

describe('a query is given the index that helps it', () => {
  const rows: readonly (readonly [what: string, sql: string, wanted: string])[] = [
    [
      'equality, newest first, LIMIT',
      'SELECT * FROM messages WHERE room_id = 7 ORDER BY created_at DESC LIMIT 50',
      '(room_id, created_at)',
    ],
    [
      'mixed directions and NULLS',
      'SELECT id FROM messages WHERE room_id = 7 ORDER BY created_at DESC NULLS LAST, id LIMIT 10',
      '(room_id, created_at DESC NULLS LAST, id)',
    ],
    ['order and LIMIT alone', 'SELECT * FROM messages ORDER BY created_at DESC LIMIT 20', '(created_at)'],
    [
      'range and equality',
      "SELECT * FROM messages WHERE room_id = 200 AND created_at > now() - interval '40 days'",
      '(room_id, created_at)',
    ],
    ['BETWEEN', 'SELECT * FROM users WHERE score BETWEEN 5 AND 8', '(score)'],
    [
      'a keyset page',
      "SELECT id FROM messages WHERE room_id = 7 AND (created_at, id) < (now() - interval '100 days', 5000) ORDER BY created_at DESC, id DESC LIMIT 20",
      '(room_id, created_at, id)',
    ],
    ['IN as equality', 'SELECT * FROM messages WHERE author_id IN (3, 4, 5)', '(author_id)'],
    [
      'the most selective first',
      'SELECT id FROM messages WHERE room_id = 7 AND author_id = 4 AND body <> hash',
      '(author_id, room_id)',
    ],
    [
      'join on a foreign key',
      "SELECT m.* FROM users u JOIN messages m ON m.author_id = u.id WHERE u.email = 'User77@example.org'",
      '(author_id)',
    ],
    [
      'the other table of the join',
      "SELECT m.* FROM users u JOIN messages m ON m.author_id = u.id WHERE u.email = 'User77@example.org'",
      '(email)',
    ],
    [
      'join, then equality',
      'SELECT m.* FROM users u JOIN messages m ON m.author_id = u.id WHERE u.zip = 3 AND m.room_id = 9',
      '(author_id, room_id)',
    ],
    [
      'the order flows through a join',
      'SELECT m.id, u.name FROM messages m JOIN users u ON u.id = m.author_id WHERE m.room_id = 7 ORDER BY m.created_at DESC LIMIT 20',
      '(room_id, created_at)',
    ],
    ["ILIKE '%x%'", "SELECT * FROM messages WHERE body ILIKE '%NEEDLE%'", 'USING gin (body gin_trgm_ops)'],
    ['a regular expression', "SELECT * FROM messages WHERE body ~ 'needle$'", 'USING gin (body gin_trgm_ops)'],
    ['LIKE in a varchar', "SELECT * FROM users WHERE email LIKE '%77@ex%'", 'USING gin (email gin_trgm_ops)'],
    [
      'full-text search',
      "SELECT * FROM messages WHERE to_tsvector('english', body) @@ to_tsquery('english', 'needle')",
      `USING gin ((to_tsvector('english', body)))`,
    ],
    ['jsonb containment', `SELECT * FROM messages WHERE data @> '{"thread": 62}'`, 'USING gin (data jsonb_path_ops)'],
    ['elements of an array', "SELECT * FROM messages WHERE tags @> ARRAY['t5']", 'USING gin (tags)'],
    ['lower(email)', "SELECT * FROM users WHERE lower(email) = 'user5@example.org'", '((lower(email::text)))'],
    ["data ->> 'k'", "SELECT * FROM messages WHERE data ->> 'thread' = '62'", "((data ->> 'thread'))"],
    ['hash-prefix lookup', "SELECT * FROM messages WHERE hash LIKE 'abc1%'", '(hash text_pattern_ops)'],
    ['starts_with', "SELECT * FROM messages WHERE starts_with(hash, 'abc1')", '(hash text_pattern_ops)'],
    ['prefix in a column that is sorted as C', "SELECT * FROM messages WHERE body LIKE 'abc1%'", '(body)'],
    ['the first letters of a hash', `SELECT * FROM messages WHERE left(hash, 8) = 'abcdef01'`, '(("left"(hash, 8)))'],
    [
      'soft delete',
      'SELECT * FROM messages WHERE room_id = 7 AND deleted_at IS NULL ORDER BY created_at DESC LIMIT 50',
      '(room_id, created_at) WHERE deleted_at IS NULL',
    ],
    [
      'a rare literal of the text',
      "SELECT id, body FROM messages WHERE kind = 'call' ORDER BY created_at DESC LIMIT 50",
      "(created_at) WHERE kind = 'call'",
    ],
    ['a rare flag', 'SELECT id, body FROM messages WHERE pinned AND room_id = 12', '(room_id) WHERE pinned'],
    [
      'a rare literal and nothing else',
      "SELECT count(body) FROM messages WHERE kind = 'call'",
      "(kind) WHERE kind = 'call'",
    ],
    ['last 30 days', "SELECT count(body) FROM messages WHERE created_at > now() - interval '30 days'", '(created_at)'],
    [
      'covering',
      'SELECT created_at, author_id FROM messages WHERE room_id = 0',
      '(room_id) INCLUDE (author_id, created_at)',
    ],
    [
      'covering below an aggregate',
      'SELECT sum(author_id) FROM messages WHERE room_id = 0',
      '(room_id) INCLUDE (author_id)',
    ],
    ['through a view', 'SELECT * FROM recent WHERE room_id = 7', '(room_id) WHERE deleted_at IS NULL'],
    ['a CTE', 'WITH c AS MATERIALIZED (SELECT * FROM messages WHERE author_id = 9) SELECT * FROM c', '(author_id)'],
    [
      'the answer of another query',
      'SELECT * FROM messages WHERE author_id = (SELECT max(id) FROM users)',
      '(author_id)',
    ],
    [
      'a SubPlan beside it',
      'SELECT id FROM messages m WHERE author_id = 9 AND id NOT IN (SELECT id FROM users WHERE score = 1)',
      '(author_id)',
    ],
    [
      'a correlated sub-query',
      'SELECT (SELECT max(body) FROM messages m WHERE m.author_id = u.id) FROM users u WHERE u.id < 4',
      '(author_id, body)',
    ],
    ['max() of a room', 'SELECT max(created_at) FROM messages WHERE room_id = 7', '(room_id, created_at)'],
    ['OR, one side', "SELECT * FROM messages WHERE author_id = 8 OR hash = 'x'", '(author_id)'],
    ['OR, the other side', "SELECT * FROM messages WHERE author_id = 8 OR hash = 'x'", '(hash)'],
    [
      'quoted names, a domain',
      `SELECT * FROM "Odd Schema"."Order" WHERE "Room Id" = 3 AND "order" = 'o3'`,
      '("Room Id", "order")',
    ],
    [
      'an enum',
      `SELECT * FROM "Odd Schema"."Order" WHERE "State" = 'Open'`,
      `("State") WHERE "State" = CAST('Open' AS "Odd Schema".state)`,
    ],
    ['a generated column', 'SELECT * FROM "Odd Schema"."Order" WHERE doubled = 8', '(doubled)'],
    ['a partitioned table', 'SELECT * FROM events WHERE room_id = 5', '(room_id)'],
    ['order over partitions', 'SELECT * FROM events WHERE room_id = 5 ORDER BY at DESC LIMIT 3', '(room_id, at)'],
    ['too wide for a b-tree', "SELECT id FROM blobs WHERE content = 'x'", 'USING hash (content)'],
  ]

  test.each(rows)('%s', async (what, sql, wanted) => {
    const designs = await designsFor(sql)
    const bodies = designs.map(bodyOf)
    expect(bodies).toContain(wanted)
    const design = designs.find((one) => bodyOf(one) === wanted)
    if (!what.startsWith('OR')) expect(design && (await plannerTakes(design, sql))).toBe(true)
  })

  test('both indexes of an OR are read together', async () => {
    const sql = "SELECT * FROM messages WHERE author_id = 8 OR hash = 'x'"
    const designs = await designsFor(sql)
    await session.run('BEGIN')
    for (const design of designs) await session.run(ddlOf(design))
    const {indexes} = await planOf(session, sql, {analyze: false})
    await session.run('ROLLBACK')
    expect(indexes.toSorted()).toEqual(designs.map(nameOf).toSorted())
  })
})

describe('what another table and other values ask for', () => {
  test('a value that is bound to a parameter never stands in a predicate', async () => {
    const sql = "SELECT id, body FROM messages WHERE kind = 'call' ORDER BY created_at DESC LIMIT 50"
    expect((await designsFor(sql)).some(({where}) => where !== undefined)).toBe(true)
    expect((await designsFor(sql, {bound: ['call']})).some(({where}) => where !== undefined)).toBe(false)
  })

  test('parameters of other selectivity change what is worth an index', async () => {
    const rare = await designsFor("SELECT body FROM messages WHERE kind = 'system'", {bound: ['system']})
    const [common] = await adviceFor("SELECT body FROM messages WHERE kind = 'text'", {bound: ['text']})
    expect(rare.map(bodyOf)).toContain('(kind)')
    expect(common).toMatchObject({candidates: [], why: 'reads 95 % of the table'})
  })

  test('now() never stands in a predicate', async () => {
    const designs = await designsFor("SELECT count(body) FROM messages WHERE created_at > now() - interval '30 days'")
    expect(designs.map(({where}) => where)).toEqual(designs.map(() => undefined))
  })

  test('a table in order of time gets a BRIN beside its b-tree', async () => {
    const [advice] = await adviceFor(
      "SELECT sum(value) FROM readings WHERE at > timestamptz '2024-03-01' AND at < timestamptz '2024-03-02'",
    )
    const told = advice?.candidates.map(({design, alternative}) => [bodyOf(design), alternative ?? false])
    expect(told).toEqual([
      ['(at)', false],
      ['(at) INCLUDE (value)', false],
      ['USING brin (at)', true],
    ])
  })

  test('a column that another one determines is left out, and the planner is told so', async () => {
    const [advice] = await adviceFor("SELECT * FROM users WHERE zip = 3 AND city = 'city 1'")
    expect(advice?.candidates.map(({design}) => bodyOf(design))).toEqual(['(zip)'])
    expect(advice?.candidates[0]?.why).toMatch(/CREATE STATISTICS \(dependencies\) ON zip, city FROM public\.users/)
    expect(advice?.rejected.map(({reason}) => reason)).toEqual([
      'city follows from zip: it leaves out hardly a row more',
    ])
  })

  test('two queries share the wider index', async () => {
    const queries = [
      'SELECT * FROM messages WHERE room_id = 7 ORDER BY created_at DESC LIMIT 50',
      "SELECT * FROM messages WHERE room_id = 200 AND created_at > now() - interval '40 days'",
      'SELECT * FROM messages WHERE room_id = 250',
    ]
    const candidates: Candidate[] = []
    for (const [at, sql] of queries.entries()) {
      const found = (await adviceFor(sql)).flatMap((one) => one.candidates)
      candidates.push(...found.map((candidate) => ({...candidate, serves: [`q${at}`]})))
    }
    const merged = mergeCandidates(candidates)
    expect(merged.map(({design, serves}) => [bodyOf(design), serves])).toEqual([
      ['(room_id, created_at)', ['q0', 'q1', 'q2']],
    ])
  })

  test('an extension that is not there yet is named, and without it there is no candidate', async () => {
    const sql = "SELECT * FROM messages WHERE body ILIKE '%needle%'"
    const [missing] = await adviceFor(sql, {server: {installed: new Set()}})
    expect(missing?.candidates.map(({needs}) => needs)).toEqual([['pg_trgm']])
    const [none] = await adviceFor(sql, {server: {installed: new Set(), available: new Set()}})
    expect(none).toMatchObject({candidates: [], why: 'the server does not have the extension pg_trgm'})
  })

  test('of an OR with one side that nothing answers, the other is in vain', async () => {
    const [advice] = await adviceFor("SELECT * FROM messages WHERE author_id = 8 OR body <> hash AND kind LIKE '%z%'")
    expect(advice?.candidates).toEqual([])
    expect(advice?.rejected.map(({reason}) => reason)).toContain(
      'another side of the OR has nothing to look up, so that the table is read anyway',
    )
  })
})

describe('no index is advised, and it is said why', () => {
  const rows: readonly (readonly [what: string, sql: string, why: string | RegExp])[] = [
    ['a tiny table', 'SELECT * FROM tiny WHERE id = 3', 'the table has 12 rows'],
    ['most of the table', "SELECT * FROM messages WHERE kind = 'text'", 'reads 95 % of the table'],
    [
      'an aggregate of most of it',
      'SELECT count(*) FROM messages WHERE author_id > 100',
      /^reads (9\d|100) % of the table, and aggregates them$/,
    ],
    ['an aggregate of everything', 'SELECT kind, count(*) FROM messages GROUP BY kind', 'aggregates every row'],
    ['everything', 'SELECT * FROM messages', 'reads every row'],
    ['the primary key', 'SELECT * FROM messages WHERE id = 5', 'messages_pkey serves it already'],
    [
      'more than the primary key',
      'SELECT * FROM messages WHERE id = 5 AND room_id = 7',
      'messages_pkey serves it already',
    ],
    [
      'no known operator',
      'SELECT * FROM messages WHERE length(body) <> 12 AND body <> hash',
      'no index that we know answers body <> hash, <>',
    ],
    [
      'an expression that depends on settings',
      "SELECT * FROM messages WHERE date_trunc('day', created_at) = timestamptz '2020-01-01'",
      'its value is not immutable: date_trunc() depends on the time zone or on other settings',
    ],
    [
      'a cast that depends on settings',
      "SELECT * FROM messages WHERE created_at::date = date '2020-01-01'",
      /^its value is not immutable: the cast to date/,
    ],
    [
      'words by the default configuration',
      "SELECT * FROM messages WHERE to_tsvector(body) @@ to_tsquery('needle')",
      /^its value is not immutable: to_tsvector\(\)/,
    ],
    ['letters too few for a trigram', "SELECT * FROM messages WHERE hash LIKE '%zz%'", /no three letters/],
    ['a type without order', "SELECT * FROM messages WHERE note::text = 'x'", /./],
    ['a system column', "SELECT * FROM messages WHERE xmin = '1'", 'xmin is a system column'],
    [
      'a join of everything',
      'SELECT m.body, u.name FROM messages m JOIN users u ON u.id = m.author_id',
      'reads 100 % of the table',
    ],
  ]

  test.each(rows)('%s', async (what, sql, why) => {
    const advice = await adviceFor(sql)
    if (what === 'a type without order')
      return expect(advice[0]?.candidates.map(({design}) => bodyOf(design))).toEqual(['((note::text))'])
    expect(advice.flatMap(({candidates}) => candidates.map(({design}) => bodyOf(design)))).toEqual([])
    for (const one of advice)
      expect(one.why).toMatch(typeof why === 'string' ? new RegExp(`^${why.replaceAll(/[()]/g, '\\$&')}$`) : why)
  })

  const existing: readonly (readonly [ddl: string, sql: string, reason: string | undefined])[] = [
    [
      '(room_id, created_at)',
      'SELECT * FROM messages WHERE room_id = 7 ORDER BY created_at DESC LIMIT 50',
      'there covers it',
    ],
    [
      '(room_id, created_at DESC)',
      'SELECT * FROM messages WHERE room_id = 7 ORDER BY created_at DESC LIMIT 50',
      'there covers it',
    ],
    [
      '(room_id DESC, author_id)',
      'SELECT body FROM messages WHERE room_id = 7 AND author_id = 4 AND body <> hash',
      'there covers it',
    ],
    ['(room_id, author_id)', 'SELECT * FROM messages WHERE author_id = 7', undefined],
    [
      '(room_id, created_at, id DESC)',
      'SELECT body FROM messages WHERE room_id = 7 ORDER BY created_at, id LIMIT 9',
      undefined,
    ],
    [
      '(room_id, created_at DESC, id DESC)',
      'SELECT body FROM messages WHERE room_id = 7 ORDER BY created_at, id LIMIT 9',
      'there covers it',
    ],
    ['(author_id) WHERE deleted_at IS NULL', 'SELECT * FROM messages WHERE author_id = 7', undefined],
    ['USING hash (author_id)', 'SELECT * FROM messages WHERE author_id = 7', 'there covers it'],
    ['USING gist (body gist_trgm_ops)', "SELECT * FROM messages WHERE body ILIKE '%needle%'", 'there covers it'],
    ['USING gin (data)', `SELECT * FROM messages WHERE data @> '{"thread": 62}'`, 'there covers it'],
    ['(lower(hash))', "SELECT * FROM messages WHERE lower(hash) = 'x'", 'there covers it'],
    ['(hash COLLATE "C")', "SELECT * FROM messages WHERE hash LIKE 'abc1%'", 'there covers it'],
    ['(hash)', "SELECT * FROM messages WHERE hash LIKE 'abc1%'", undefined],
  ]

  test.each(existing)('there is %s already: %s', async (body, sql, reason) => {
    await session.run('BEGIN')
    await session.run(`CREATE INDEX there ON messages ${body}`)
    const [advice] = await adviceFor(sql)
    await session.run('ROLLBACK')
    if (reason === undefined) expect(advice?.candidates).not.toEqual([])
    else {
      expect(advice?.candidates).toEqual([])
      expect(advice?.rejected.map((one) => one.reason)).toContain(reason)
    }
  })
})
