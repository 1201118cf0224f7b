/** Tables like those of a chat, small enough to be made in a second: skewed, in order of time, with what each rule of the advice looks at. */
export const CHAT_TABLES = `
  CREATE EXTENSION IF NOT EXISTS pg_trgm;
  CREATE TABLE users (
    id bigint PRIMARY KEY, email varchar(80) NOT NULL, name text COLLATE "und-x-icu" NOT NULL, zip int NOT NULL, city text NOT NULL, score int NOT NULL);
  INSERT INTO users
    SELECT n, 'User' || n || '@example.org', md5(n::text), n % 200, 'city ' || (n % 200) / 2, (n * 7919) % 1000 FROM generate_series(1, 20000) n;

  CREATE TABLE messages (
    id bigint PRIMARY KEY, room_id int NOT NULL, author_id bigint NOT NULL, body text NOT NULL, kind text NOT NULL, pinned boolean NOT NULL,
    created_at timestamptz NOT NULL, deleted_at timestamptz, data jsonb NOT NULL, tags text[] NOT NULL, hash text COLLATE "und-x-icu" NOT NULL, note json);
  INSERT INTO messages
    SELECT n, (power(((n::bigint * 7919) % 60000) / 60000.0, 2) * 300)::int, (n::bigint * 104729) % 20000 + 1,
           left(md5(n::text), 12) || CASE WHEN n % 3000 = 0 THEN ' needle' ELSE '' END,
           CASE WHEN n % 50 = 0 THEN 'call' WHEN n % 33 = 0 THEN 'system' ELSE 'text' END, n % 200 = 0,
           now() - (60000 - n) * interval '10 minutes', CASE WHEN n % 5 = 0 THEN now() END,
           jsonb_build_object('thread', (n::bigint * 31) % 5000, 'lang', 'l' || n % 4), ARRAY['t' || n % 700], md5((n * 7)::text), '{}'
      FROM generate_series(1, 60000) n;

  CREATE TABLE tiny (id int, name text);
  INSERT INTO tiny SELECT n, 'n' || n FROM generate_series(1, 12) n;

  CREATE SCHEMA "Odd Schema";
  CREATE DOMAIN "Odd Schema".label AS varchar(40);
  CREATE TYPE "Odd Schema".state AS ENUM ('Open', 'Done');
  CREATE TABLE "Odd Schema"."Order" ("Room Id" int, "order" "Odd Schema".label, "State" "Odd Schema".state, doubled int GENERATED ALWAYS AS ("Room Id" * 2) STORED);
  INSERT INTO "Odd Schema"."Order" SELECT n % 500, 'o' || n % 300, CASE WHEN n % 40 = 0 THEN 'Open' ELSE 'Done' END::"Odd Schema".state FROM generate_series(1, 20000) n;

  CREATE TABLE events (room_id int NOT NULL, at date NOT NULL, what text) PARTITION BY RANGE (at);
  CREATE TABLE events_old PARTITION OF events FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
  CREATE TABLE events_new PARTITION OF events FOR VALUES FROM ('2021-01-01') TO ('2022-01-01');
  INSERT INTO events SELECT n % 900, date '2020-01-01' + n % 700, 'w' || n FROM generate_series(1, 40000) n;

  CREATE TABLE readings (sensor int NOT NULL, at timestamptz NOT NULL, value int NOT NULL);
  INSERT INTO readings SELECT n % 50, timestamptz '2024-01-01' + n * interval '1 minute', n FROM generate_series(1, 120000) n;

  CREATE TABLE blobs (id int, content text);
  ALTER TABLE blobs ALTER content SET STORAGE EXTERNAL;
  INSERT INTO blobs SELECT n, repeat(md5(n::text), 100) FROM generate_series(1, 2000) n;

  CREATE VIEW recent AS SELECT id, room_id, body, created_at FROM messages WHERE deleted_at IS NULL;`

/** Apart, because it cannot run in the transaction of the others. */
export const VACUUM = 'VACUUM (ANALYZE)'
