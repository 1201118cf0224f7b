/** A small chat database with everything that users' databases have: quoted names, other schemas, views, partitions, policies. */
import {readStatements} from '../../../../src/lib/drills/db-explain/statements/read-statements.js'
import {guard} from '../../../../src/lib/drills/db-explain/statements/guard.js'
import type {Query, Workload} from '../../../../src/lib/drills/db-explain/query.js'
import {connect, doorOf} from '../../../../src/lib/protocols/postgres/connect.js'
import type {Session} from '../../../../src/lib/protocols/postgres/session.js'

export function sessionAt(url: string): Promise<Session> {
  const tls = {ca: undefined, cert: undefined, key: undefined, insecure: false}
  return connect(doorOf(url, {tls, timeoutMs: 20_000, shard: 0}))
}

/** Room 1 has half of all messages; a user writes in one room only, so that the two columns go together. */
export const SCHEMA = `
  CREATE TABLE rooms (id int PRIMARY KEY, kind text NOT NULL);
  CREATE TABLE messages (
    id bigint PRIMARY KEY, room_id int NOT NULL REFERENCES rooms, user_id int NOT NULL, body text NOT NULL,
    created_at timestamptz NOT NULL, data jsonb NOT NULL, tags text[] NOT NULL);
  CREATE SCHEMA "Other Place";
  CREATE TABLE "Other Place"."User Accounts" (
    "Id" uuid PRIMARY KEY, "Email Address" text NOT NULL, "isAdmin" boolean NOT NULL);
  CREATE TABLE events (id bigint, at date NOT NULL, kind text) PARTITION BY RANGE (at);
  CREATE TABLE events_old PARTITION OF events FOR VALUES FROM ('2025-01-01') TO ('2025-07-01');
  CREATE TABLE events_new PARTITION OF events FOR VALUES FROM ('2025-07-01') TO ('2026-01-01');
  CREATE TABLE empty (id int, name text);
  CREATE VIEW recent AS SELECT id, room_id AS room, body AS "Text", created_at AS sent FROM messages WHERE created_at > '2025-01-01';
  INSERT INTO rooms SELECT n, CASE WHEN n % 10 = 0 THEN 'private' ELSE 'open' END FROM generate_series(1, 100) n;
  INSERT INTO messages
    SELECT n, room, room * 1000 + n % 3, 'hello world number ' || n,
      '2025-01-01'::timestamptz + n * interval '1 hour',
      jsonb_build_object('kind', CASE WHEN n % 10 = 0 THEN 'image' ELSE 'text' END, 'size', n % 7, 'from', jsonb_build_object('device', 'd' || n % 3)), ARRAY['tag' || n % 5, 'all']
    FROM generate_series(1, 4000) n, LATERAL (SELECT CASE WHEN n % 2 = 0 THEN 1 ELSE 1 + n % 100 END AS room) r;
  INSERT INTO "Other Place"."User Accounts"
    SELECT md5(n::text)::uuid, 'User' || n || '@Example.org', n % 50 = 0 FROM generate_series(1, 500) n;
  INSERT INTO events SELECT n, '2025-01-01'::date + n % 365, 'kind' || n % 4 FROM generate_series(1, 2000) n;
  ANALYZE;`

/** As the drill does it: read, then guard. */
export async function workloadIn(text: string, session: Session): Promise<Workload> {
  return guard(await readStatements(text, 'queries.sql'), session)
}

export async function queryIn(text: string, session: Session): Promise<Query> {
  const {queries, skipped} = await workloadIn(text, session)
  const [query] = queries
  if (query === undefined) throw new Error(`refused: ${skipped.map(({reason}) => reason).join()}`)
  return query
}
