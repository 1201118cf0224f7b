import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import type {Session} from '../../../../src/lib/protocols/postgres/session.js'
import {startPostgres, type PostgresService} from '../../../../src/lib/targets/embedded/postgres.js'
import {queryIn, SCHEMA, sessionAt, workloadIn} from './scene.js'

let postgres: PostgresService
let session: Session

beforeAll(async () => {
  postgres = await startPostgres()
  session = await sessionAt(postgres.url)
  await session.run(SCHEMA)
  await session.run(`
    CREATE FUNCTION touch(text) RETURNS text VOLATILE LANGUAGE sql AS 'SELECT $1';
    CREATE FUNCTION calm(text) RETURNS text STABLE LANGUAGE sql AS 'SELECT $1';
    CREATE FUNCTION two(int) RETURNS int STABLE LANGUAGE sql AS 'SELECT 1';
    CREATE FUNCTION two(int, int) RETURNS int VOLATILE LANGUAGE sql AS 'SELECT 1';
    CREATE FUNCTION "Other Place".hidden(int) RETURNS int VOLATILE LANGUAGE sql AS 'SELECT 1';
    CREATE FUNCTION history(int) RETURNS SETOF messages STABLE LANGUAGE sql AS 'SELECT * FROM messages WHERE room_id = $1';
    CREATE FUNCTION preview(messages) RETURNS text VOLATILE LANGUAGE sql AS 'SELECT $1.body';
    CREATE FUNCTION add_up(int, int) RETURNS int VOLATILE LANGUAGE sql AS 'SELECT $1 + $2';
    CREATE AGGREGATE odd_sum(int) (SFUNC = add_up, STYPE = int, INITCOND = '0');
    CREATE OPERATOR === (LEFTARG = int, RIGHTARG = int, FUNCTION = add_up);
    CREATE TYPE mood AS ENUM ('good', 'bad');
    CREATE FUNCTION to_mood(int) RETURNS mood VOLATILE LANGUAGE sql AS $$SELECT 'good'::mood$$;
    CREATE CAST (int AS mood) WITH FUNCTION to_mood(int);
    CREATE VIEW shaky AS SELECT id, random() AS luck FROM messages;
    CREATE VIEW "Over Shaky" AS SELECT id FROM shaky;
    CREATE TABLE guarded (id int); ALTER TABLE guarded ENABLE ROW LEVEL SECURITY; ALTER TABLE guarded FORCE ROW LEVEL SECURITY;
    CREATE POLICY seen ON guarded USING (touch('x') = 'x')`)
})

afterAll(async () => {
  await session.end()
  await postgres[Symbol.asyncDispose]()
})

describe('what is no SELECT, or more than one, is skipped with the reason', () => {
  it.each([
    ['INSERT INTO rooms VALUES (1)', 'it is an INSERT'],
    ['UPDATE rooms SET kind = 1', 'it is an UPDATE'],
    ['WITH x AS (SELECT 1) DELETE FROM rooms', 'it is a DELETE'],
    ['MERGE INTO rooms r USING rooms s ON false WHEN MATCHED THEN DELETE', 'it is a MERGE'],
    ['DROP TABLE rooms', 'it is a DROP'],
    ['ALTER TABLE rooms ADD x int', 'it is an ALTER'],
    ['CREATE TABLE x AS SELECT 1', 'it is a CREATE'],
    ['EXPLAIN ANALYZE SELECT 1', 'it is an EXPLAIN'],
    ['COPY rooms TO STDOUT', 'it is a COPY'],
    ['SET work_mem = 1', 'it is a SET'],
    ['DO $$BEGIN; END$$', 'it is a DO'],
    ['SELECT * INTO x FROM rooms', 'it makes a table (SELECT INTO)'],
    ['WITH gone AS (DELETE FROM rooms RETURNING *) SELECT * FROM gone', 'it has a DELETE in its WITH clause'],
    ['SELECT * FROM rooms FOR UPDATE', 'it locks rows (FOR UPDATE)'],
    ['SELECT * FROM (SELECT * FROM rooms FOR NO KEY UPDATE SKIP LOCKED) r', 'it locks rows (FOR NO KEY UPDATE)'],
    ['SELECT * FROM rooms UNION ALL (SELECT * FROM rooms FOR SHARE)', 'it locks rows (FOR SHARE)'],
    ['SELECT * FROM rooms TABLESAMPLE SYSTEM (10)', 'TABLESAMPLE without REPEATABLE has another answer each time'],
    ['SELECT 1', 'it reads no table'],
    ['SELECT relname FROM pg_class', "it reads the server's own catalogues only"],
    [
      'SELECT * FROM information_schema.tables t JOIN pg_catalog.pg_class c ON true',
      "it reads the server's own catalogues only",
    ],
  ])('%s', async (sql, reason) => {
    expect((await workloadIn(sql, session)).skipped).toEqual([{name: 'q1', sql, place: {line: 1, column: 1}, reason}])
  })
})

describe('what calls something volatile is skipped, wherever it is hidden', () => {
  it.each([
    ['SELECT pg_sleep(1)', 'pg_sleep() is volatile'],
    ['SELECT * FROM rooms, pg_catalog.pg_sleep_for($1)', 'pg_sleep_for() is volatile'],
    [`SELECT nextval('x') FROM rooms`, 'nextval() is volatile'],
    [`SELECT setval('x', 1) FROM rooms`, 'setval() is volatile'],
    [`SELECT set_config('work_mem', '1', false) FROM rooms`, 'set_config() is volatile'],
    ['SELECT pg_try_advisory_xact_lock(id) FROM rooms', 'pg_try_advisory_xact_lock() is volatile'],
    [`SELECT pg_read_file('x') FROM rooms`, 'pg_read_file() is volatile'],
    ['SELECT lo_unlink(id::oid) FROM rooms', 'lo_unlink() is volatile'],
    ['SELECT pg_terminate_backend(id) FROM rooms', 'pg_terminate_backend() is volatile'],
    ['SELECT txid_current() FROM rooms', 'txid_current() uses up a transaction number'],
    ['SELECT id FROM rooms ORDER BY random() LIMIT 1', 'random() is volatile: its answer differs from call to call'],
    [
      'SELECT id FROM messages WHERE created_at > clock_timestamp()',
      'clock_timestamp() is volatile: its answer differs from call to call',
    ],
    ['SELECT touch(kind) FROM rooms', 'touch() is volatile'],
    ['SELECT two(id, id) FROM rooms', 'two() is volatile'],
    ['SELECT "Other Place".hidden(id) FROM rooms', 'hidden() is volatile'],
    ['SELECT odd_sum(id) FROM rooms', 'odd_sum() is volatile'],
    ['SELECT id === 1 FROM rooms', 'the operator === is volatile'],
    ['SELECT id::mood FROM rooms', 'the cast to mood is volatile'],
    ['SELECT m.preview FROM messages m', 'preview() is volatile'],
    ['SELECT (m).preview FROM messages m', 'preview() is volatile'],
    ['SELECT id FROM shaky', 'it reads public.shaky, where random() is volatile: its answer differs from call to call'],
    [
      'SELECT id FROM "Over Shaky"',
      'it reads public.shaky, where random() is volatile: its answer differs from call to call',
    ],
    ['SELECT id FROM guarded', 'it reads public.guarded, where touch() is volatile'],
  ])('%s', async (sql, reason) => {
    expect((await workloadIn(sql, session)).skipped.map((each) => each.reason)).toEqual([reason])
  })
})

it.each([
  'SELECT * FROM rooms',
  'TABLE rooms',
  '(SELECT * FROM rooms)',
  'VALUES ((SELECT count(*) FROM rooms))',
  'SELECT id FROM rooms UNION SELECT room_id FROM messages',
  'WITH RECURSIVE r AS (SELECT 1 AS id UNION ALL SELECT id + 1 FROM r WHERE id < 9) SELECT * FROM r JOIN rooms USING (id)',
  `SELECT id FROM messages WHERE created_at > now() - interval '30 days' AND created_at < CURRENT_TIMESTAMP`,
  'SELECT two(id) FROM rooms',
  'SELECT calm(kind) FROM rooms',
  'SELECT * FROM history($1)',
  'SELECT "Text" FROM recent WHERE room BETWEEN 1 AND 2',
  `SELECT "Email Address" FROM "Other Place"."User Accounts" WHERE "Email Address" ILIKE '%x%'`,
  'SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY id), count(*), extract(hour FROM max(created_at)) FROM messages',
  'SELECT * FROM rooms TABLESAMPLE SYSTEM (10) REPEATABLE (1)',
  'SELECT c.relname FROM pg_class c JOIN rooms ON true',
])('lets through: %s', async (sql) => {
  expect((await workloadIn(sql, session)).queries.map((query) => query.sql)).toEqual([sql])
})

it.each([
  ['SELECT * FROM rooms ORDER BY id', true, 0],
  ['SELECT id FROM rooms UNION SELECT 1 ORDER BY 1 LIMIT $1', true, 1],
  ['SELECT * FROM (SELECT * FROM rooms ORDER BY id) r WHERE id = $3', false, 3],
])('%s: ordered %s, %d parameters', async (sql, ordered, parameters) => {
  expect(await queryIn(sql, session)).toMatchObject({ordered, parameters})
})

it('takes a function through the search_path of the session', async () => {
  await session.run('SET search_path = public, "Other Place"')
  const {skipped} = await workloadIn('SELECT hidden(id) FROM rooms', session)
  await session.run('RESET search_path')
  expect(skipped.map(({reason}) => reason)).toEqual(['hidden() is volatile'])
})

it('tells all that is skipped in the order of the file, with line and column', async () => {
  const text = `SELECT * FROM rooms;
UPDATE rooms SET kind = 'x'; SELECT * FORM rooms;

  SELECT pg_sleep(1);
SELECT 1; DROP TABLE rooms;
SELECT id FROM rooms WHERE kind = $1`
  const {queries, skipped} = await workloadIn(text, session)
  expect(queries.map(({name, place}) => [name, place])).toEqual([
    ['q1', {line: 1, column: 1}],
    ['q7', {line: 6, column: 1}],
  ])
  expect(skipped.map(({name, place, reason}) => [name, `${place?.line}:${place?.column}`, reason])).toEqual([
    ['q2', '2:1', 'it is an UPDATE'],
    ['q3', '2:39', 'syntax error at or near "FORM"'],
    ['q4', '4:3', 'pg_sleep() is volatile'],
    ['q5', '5:1', 'it reads no table'],
    ['q6', '5:11', 'it is a DROP'],
  ])
})
