import {Client} from 'pg'
import {afterAll, beforeAll, expect, test} from 'vitest'
import {UsageError} from '../../../../src/lib/base/errors.js'
import {explain, type ExplainOptions} from '../../../../src/lib/drills/db-explain/plans/explain.js'
import type {Plan} from '../../../../src/lib/drills/db-explain/plans/plan-node.js'
import {planLines} from '../../../../src/lib/drills/db-explain/plans/plan-lines.js'
import {everyNode} from '../../../../src/lib/drills/db-explain/plans/shape.js'
import type {Value} from '../../../../src/lib/drills/db-explain/query.js'
import {Session} from '../../../../src/lib/protocols/postgres/session.js'
import {startPostgres, type PostgresService} from '../../../../src/lib/targets/embedded/postgres.js'

const RUN: ExplainOptions = {analyze: true, timing: true, buffers: true}
const PLAN: ExplainOptions = {analyze: false, timing: false, buffers: false}

const SCHEMA = `
  CREATE SCHEMA "Chat App";
  CREATE TABLE "Chat App"."Rooms" (id int PRIMARY KEY, kind text NOT NULL);
  CREATE TABLE messages (id bigint PRIMARY KEY, room_id int NOT NULL, body text, created_at timestamptz NOT NULL);
  CREATE VIEW late AS SELECT * FROM messages WHERE id > 15000;
  CREATE INDEX messages_room_idx ON messages (room_id, created_at DESC);
  INSERT INTO "Chat App"."Rooms" SELECT n, 'kind ' || n % 3 FROM generate_series(1, 200) n;
  INSERT INTO messages SELECT n, n % 200, 'hello ' || n, now() - n * interval '1 s' FROM generate_series(1, 20000) n;
  ANALYZE;
  SET min_parallel_table_scan_size = 0; SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0;`

let service: PostgresService
let session: Session

beforeAll(async () => {
  service = await startPostgres()
  session = await Session.open(new Client({connectionString: service.url}), 20_000)
  await session.run(SCHEMA)
})

afterAll(async () => {
  await session.end()
  await service[Symbol.asyncDispose]()
})

function planOf(sql: string, values: readonly Value[] = [], options = RUN, parameters = values.length): Promise<Plan> {
  return explain(session, {name: 'q1', sql, parameters}, values, options)
}

test('values are bound, and the plan is that of their query', async () => {
  const sql = 'SELECT id FROM messages WHERE room_id = $1 ORDER BY created_at DESC LIMIT $2'
  const plan = await planOf(sql, ['7', '20'])
  expect(plan.indexes).toEqual(['messages_room_idx'])
  expect(plan.root).toMatchObject({type: 'Limit', actualRows: 20, loops: 1})
  expect(plan.root.children[0]).toMatchObject({
    type: 'Index Scan',
    relation: {schema: 'public', name: 'messages', alias: 'messages'},
    indexCondition: '(messages.room_id = 7)',
  })
  expect(plan.executionMs).toBeGreaterThan(0)
  expect(plan.settings).toMatchObject({parallel_setup_cost: '0'})
  expect((await planOf(sql, ['8', '5'])).shape).toBe(plan.shape)
})

test.each([
  [
    'a CTE that two scans read',
    'WITH r AS MATERIALIZED (SELECT * FROM messages WHERE body LIKE $1) SELECT count(*) FROM r a JOIN r b USING (id)',
    ['%7%'],
  ],
  ['an InitPlan', 'SELECT count(*) FROM messages WHERE id > (SELECT avg(id) FROM messages WHERE room_id < $1)', ['50']],
  [
    'a SubPlan for each row',
    'SELECT id, (SELECT count(*) FROM messages m WHERE m.room_id = r.id) FROM "Chat App"."Rooms" r WHERE kind = $1',
    ['kind 1'],
  ],
  ['workers', 'SELECT room_id, count(*) FROM messages WHERE body LIKE $1 GROUP BY 1', ['%9%']],
  [
    'a union of which one side never runs',
    'SELECT id FROM messages WHERE id < $1 UNION ALL SELECT id FROM late LIMIT 3',
    ['100'],
  ],
  [
    'a recursion',
    'WITH RECURSIVE t AS (SELECT $1::int AS n UNION ALL SELECT n + 1 FROM t WHERE n < 300) SELECT sum(n) FROM t',
    ['1'],
  ],
  ['a set-returning function', 'SELECT * FROM generate_series(1, $1) g WHERE g % 2 = 0', ['500']],
])('the own times of %s add up to the whole', async (_case, sql, values) => {
  const {root} = await planOf(sql, values)
  const own = everyNode(root).map(({exclusiveMs}) => exclusiveMs ?? NaN)
  expect(Math.min(...own)).toBeGreaterThanOrEqual(0)
  expect(own.reduce((sum, ms) => sum + ms, 0)).toBeCloseTo(root.inclusiveMs ?? NaN, 6)
  for (const {inclusiveMs = 0, exclusiveMs = 0} of everyNode(root))
    expect(exclusiveMs).toBeLessThanOrEqual(inclusiveMs + 1e-9)
})

test('planned only, nothing is run and nothing is timed', async () => {
  const plan = await planOf('SELECT count(*), pg_sleep(20) FROM messages WHERE room_id = $1', ['7'], PLAN)
  expect(plan).toMatchObject({executionMs: undefined, workersLaunched: undefined})
  expect(
    everyNode(plan.root).every(({actualRows, exclusiveMs}) => actualRows === undefined && exclusiveMs === undefined),
  ).toBe(true)
  expect(plan.planningMs).toBeGreaterThan(0)
})

test('rows and buffers are counted without a clock', async () => {
  const {root} = await planOf('SELECT * FROM messages WHERE id = $1', ['9'], {...RUN, timing: false})
  expect(root).toMatchObject({actualRows: 1, inclusiveMs: undefined})
  expect(root.buffers.hit + root.buffers.read).toBeGreaterThan(0)
})

test('names as they were made, and a value that is NULL', async () => {
  const plan = await planOf('SELECT r.id FROM "Chat App"."Rooms" r WHERE kind = $1', [null], PLAN)
  expect(plan.root.type).toBe('Result')
  const named = await planOf('SELECT r.id FROM "Chat App"."Rooms" r WHERE kind = $1', ['kind 2'])
  expect(everyNode(named.root).find(({relation}) => relation !== undefined)?.relation).toEqual({
    schema: 'Chat App',
    name: 'Rooms',
    alias: 'r',
  })
  const text = planLines(named)
    .flatMap((line) => line.map((span) => span.text))
    .join('')
  expect(text).toContain('Seq Scan on "Rooms" r')
  expect(text).not.toContain('kind 2')
})

test('without values there is the generic plan, but nothing can be run', async () => {
  const sql = 'SELECT id FROM messages WHERE room_id = $1 LIMIT 5'
  const plan = await planOf(sql, [], PLAN, 1)
  expect(everyNode(plan.root).map(({indexCondition}) => indexCondition)).toContain('(messages.room_id = $1)')
  const running = planOf(sql, [], RUN, 1)
  await expect(running).rejects.toThrow(UsageError)
  await expect(running).rejects.toThrow('q1 has 1 parameter and cannot be run without values')
})

test('a second statement is refused by the server and not run', async () => {
  await expect(planOf('SELECT 1; DROP TABLE messages')).rejects.toThrow('multiple commands')
  expect((await session.read('SELECT count(*) FROM messages')).rows).toEqual([['20000']])
})

test('it stays in the transaction of the caller', async () => {
  await session.run('BEGIN; CREATE INDEX mine ON messages (body)')
  const plan = await planOf(`SELECT id FROM messages WHERE body = $1`, ['hello 5'])
  await session.run('ROLLBACK')
  expect(plan.indexes).toEqual(['mine'])
})
