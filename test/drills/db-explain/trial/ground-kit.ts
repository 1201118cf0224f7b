/** A small chat database, sessions on it, and short ways to write queries and candidates down. */
import {HostClock} from '../../../../src/lib/base/clock.js'
import {seededRandom} from '../../../../src/lib/base/random.js'
import type {Candidate, IndexDesign, IndexKey} from '../../../../src/lib/drills/db-explain/advice/index-design.js'
import type {MeasureKit} from '../../../../src/lib/drills/db-explain/trial/measure-pairs.js'
import type {BoundQuery, Value} from '../../../../src/lib/drills/db-explain/query.js'
import {connect, doorOf} from '../../../../src/lib/protocols/postgres/connect.js'
import type {Session} from '../../../../src/lib/protocols/postgres/session.js'

export const CLOCK = new HostClock()
const ROWS = 30_000

export function kitOf(signal: AbortSignal = new AbortController().signal): MeasureKit {
  return {clock: CLOCK, random: seededRandom('trial'), signal}
}

export function sessionOn(url: string): Promise<Session> {
  return connect(doorOf(url, {tls: {insecure: false}, timeoutMs: 20_000, shard: 0}))
}

/** 300 rooms of 100 messages each; `rare` is true for one row in a thousand. Names with capitals, a generated column, keys of all kinds. */
export const CHAT = `
  CREATE TABLE "Room" (id int PRIMARY KEY, name text NOT NULL);
  INSERT INTO "Room" SELECT g, 'room ' || g FROM generate_series(0, 299) g;
  CREATE TABLE message (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    "roomId" int NOT NULL REFERENCES "Room",
    author int NOT NULL,
    body text NOT NULL,
    length int GENERATED ALWAYS AS (length(body)) STORED,
    sent timestamptz NOT NULL,
    rare boolean NOT NULL,
    token uuid NOT NULL DEFAULT gen_random_uuid() UNIQUE,
    UNIQUE ("roomId", sent)
  );
  ALTER TABLE message DROP CONSTRAINT "message_roomId_sent_key";
  INSERT INTO message ("roomId", author, body, sent, rare)
  SELECT g % 300, (g * 7919) % 5000, 'words ' || md5(g::text),
    '2026-01-01'::timestamptz + g * interval '1 second', g % 1000 = 0
  FROM generate_series(1, ${ROWS}) g`

export function query(name: string, sql: string, ...rows: readonly (readonly Value[])[]): BoundQuery {
  const bindings =
    rows.length === 0
      ? [{stratum: 'none' as const, values: []}]
      : rows.map((values) => ({stratum: 'given' as const, values}))
  return {
    name,
    sql,
    calls: 1,
    meanMs: undefined,
    place: undefined,
    parameters: rows[0]?.length ?? 0,
    given: rows,
    ordered: /order by/i.test(sql),
    bindings,
  }
}

export function design(keys: readonly (string | IndexKey)[], more: Partial<IndexDesign> = {}): IndexDesign {
  const written = keys.map((key) => (typeof key === 'string' ? {column: key} : key))
  return {schema: 'public', table: 'message', method: 'btree', keys: written, include: [], ...more}
}

export function candidate(of: IndexDesign, serves: readonly string[], more: Partial<Candidate> = {}): Candidate {
  return {design: of, serves, why: 'for the test', needs: [], ...more}
}

export const QUERIES = {
  history: query(
    'history',
    'SELECT id, body FROM message WHERE "roomId" = $1 ORDER BY sent DESC LIMIT 20',
    ['7'],
    ['250'],
  ),
  rooms: query('rooms', 'SELECT count(*) FROM message WHERE "roomId" = $1', ['8']),
  search: query('search', `SELECT id FROM message WHERE body ILIKE '%' || $1 || '%'`, ['c4ca4238']),
  /** Thousands of times faster with an index, on the slowest machine too. */
  digest: query(
    'digest',
    'SELECT id FROM message WHERE md5(md5(md5(md5(body)))) = $1 ORDER BY id',
    ['none'],
    ['nothing'],
  ),
  every: query('every', 'SELECT sum(length) FROM message WHERE author >= 0'),
}

export const DESIGNS = {
  roomSent: design(['roomId', {column: 'sent', descending: true}]),
  room: design(['roomId']),
  author: design(['author']),
  rare: design(['rare']),
  words: design([{column: 'body', operatorClass: 'gin_trgm_ops'}], {method: 'gin'}),
  digest: design([{expression: 'md5(md5(md5(md5(body))))'}]),
  lower: design([{expression: 'lower(body)'}]),
}
