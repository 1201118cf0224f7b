/** db-explain as it is typed, at Debian's own Postgres with HypoPG, and through a pgbouncer: another version, and what is not ours. */
import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {execa} from 'execa'
import {Client} from 'pg'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {ask, missingPostgres, startDebianPostgres, type DebianPostgres} from '../../../servers/debian-postgres.js'
import {missingPgbouncer, startPgbouncer} from '../../../servers/pgbouncer.js'

const BIN = fileURLToPath(new URL('../../../../bin/run.js', import.meta.url))
const PATIENCE = 60_000

/** HypoPG lies where no search_path finds it. */
const SCHEMA = `
  CREATE ROLE app LOGIN PASSWORD 'hunter2'; CREATE ROLE poor LOGIN PASSWORD 'hunter2';
  CREATE ROLE tenant; GRANT tenant TO app;
  CREATE EXTENSION pg_stat_statements; CREATE SCHEMA tools; CREATE EXTENSION hypopg SCHEMA tools; GRANT USAGE ON SCHEMA tools TO app;
  CREATE SCHEMA "Chat" AUTHORIZATION app; ALTER ROLE app SET search_path = "Chat"; ALTER ROLE poor SET search_path = "Chat";
  SET ROLE app; SET search_path = "Chat";
  CREATE TYPE kind AS ENUM ('text', 'image');
  CREATE TABLE users (id int PRIMARY KEY, email text NOT NULL);
  INSERT INTO users SELECT i, 'User' || i || '@example.com' FROM generate_series(1, 30000) i;
  CREATE TABLE rooms (id int PRIMARY KEY, tenant int NOT NULL);
  INSERT INTO rooms SELECT i, i % 10 FROM generate_series(1, 1000) i;
  CREATE TABLE messages (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, room int NOT NULL REFERENCES rooms, "userId" int NOT NULL,
    kind kind NOT NULL, body text NOT NULL, sent timestamptz NOT NULL, gone timestamptz);
  INSERT INTO messages (room, "userId", kind, body, sent)
    SELECT 1 + (i::bigint * 7919) % 1000, 1 + (i::bigint * 104729) % 30000, 'text', 'hello ' || md5(i::text), timestamptz '2026-01-01' + i * interval '1 min'
      FROM generate_series(1, 60000) i;
  ALTER TABLE rooms ENABLE ROW LEVEL SECURITY; ALTER TABLE rooms FORCE ROW LEVEL SECURITY;
  CREATE POLICY own ON rooms USING (tenant = current_setting('app.tenant')::int);
  GRANT USAGE ON SCHEMA "Chat" TO tenant, poor; GRANT SELECT ON ALL TABLES IN SCHEMA "Chat" TO tenant; GRANT SELECT ON users TO poor;
  RESET ROLE`

const QUERIES = `
-- name: history
SELECT id, body FROM messages WHERE room = $1 AND gone IS NULL ORDER BY sent DESC LIMIT 50;
-- name: author
SELECT id, body FROM messages WHERE "userId" = $1;
-- name: search
SELECT id FROM messages WHERE body ILIKE '%abcdef%';
-- name: rooms
SELECT count(*) FROM rooms`

const LOGIN = `
-- name: login
SELECT id FROM users WHERE lower(email) = $1`

const CATALOGUE = `
  SELECT md5((SELECT json_agg(json_build_array(oid, relname, relkind, relfilenode) ORDER BY oid) FROM pg_class)::text
    || (SELECT json_agg(i ORDER BY indexrelid) FROM pg_index i)::text || (SELECT json_agg(e) FROM pg_extension e)::text
    || coalesce((SELECT json_agg(s) FROM pg_db_role_setting s)::text, '')) AS text`

interface Facts {
  readonly queries: readonly {readonly name: string}[]
  readonly skipped: readonly {readonly name: string; readonly reason: string}[]
  readonly toApply: readonly {readonly ddl: string; readonly why: string}[]
  readonly chosen?: readonly {readonly serves: readonly string[]}[]
  readonly unindexable: readonly {readonly query: string; readonly why: string}[]
  readonly tried?: string
}

const why = missingPostgres()

describe.skipIf(why !== undefined)(`another Postgres${why === undefined ? '' : ` (skipped: ${why})`}`, () => {
  let server: DebianPostgres
  let folder: string
  let before: string

  beforeAll(async () => {
    server = await startDebianPostgres()
    folder = await mkdtemp(join(tmpdir(), 'proofload-another-'))
    await writeFile(join(folder, 'queries.sql'), QUERIES)
    await writeFile(join(folder, 'login.sql'), LOGIN)
    await writeFile(join(folder, 'poor.sql'), `${QUERIES};${LOGIN}`)
    await ask(server.url('postgres'), SCHEMA)
    await ask(server.url('postgres'), 'VACUUM (ANALYZE)')
    before = await catalogue()
  }, PATIENCE)

  afterAll(async () => {
    expect(await catalogue()).toBe(before)
    await server[Symbol.asyncDispose]()
    await rm(folder, {recursive: true})
  })

  async function catalogue(): Promise<string> {
    const [row] = await ask<{text: string}>(server.url('postgres'), CATALOGUE)
    return row?.text ?? ''
  }

  function typed(url: string, line: string) {
    const words = line.split(' ').filter((word) => word !== '')
    const common = ['--target', url, '--allow-host', '127.0.0.1', '--seed', 'another', '--json']
    return execa(process.execPath, [BIN, 'db-explain', ...common, ...words], {reject: false, stdin: 'ignore'})
  }

  const file = () => `--queries ${join(folder, 'queries.sql')} --set app.tenant=3 --slow 1ms`

  async function factsOf(url: string, line: string): Promise<Facts> {
    const ran = await typed(url, line)
    if (ran.stdout === '') throw new Error(ran.stderr)
    return (JSON.parse(ran.stdout) as {facts: Facts}).facts
  }

  const namesIn = (chosen: Facts['chosen']) => chosen?.flatMap(({serves}) => serves).sort()

  test.concurrent('that is only read lets HypoPG choose, and each index says which query it serves', async () => {
    const {tried, chosen, toApply, unindexable} = await factsOf(server.url('app'), file())
    expect(tried).toBe('hypothetical')
    expect(namesIn(chosen)).toEqual(['author', 'history'])
    // HypoPG knows no GIN.
    expect(toApply.map(({ddl}) => ddl)).toContainEqual(expect.stringMatching(/gin_trgm_ops/))
    expect(unindexable.map(({query}) => query)).not.toContain('search')
    expect(await catalogue()).toBe(before)
  })

  test.concurrent(
    'is copied into ours with all that its tables stand on, and proven there',
    async () => {
      const {tried, chosen, skipped} = await factsOf(server.url('app'), `${file()} --copy --measure-for 1s`)
      expect(skipped).toEqual([])
      expect(tried).toBe('own')
      expect(namesIn(chosen)).toEqual(['author', 'history', 'search'])
    },
    PATIENCE,
  )

  test.concurrent(
    'gets indexes in a transaction that is rolled back; what may not be made there says why',
    async () => {
      const {tried, chosen, unindexable} = await factsOf(server.url('app'), `${file()} --allow-ddl --measure-for 1s`)
      expect(tried).toBe('rolled-back')
      expect(namesIn(chosen)).toEqual(['author', 'history'])
      const reason = 'what might help could not be tried: permission denied to create extension "pg_trgm"'
      expect(unindexable.find(({query}) => query === 'search')?.why).toBe(reason)
      expect(await catalogue()).toBe(before)
    },
    PATIENCE,
  )

  test.concurrent(
    'is as before when we are killed in the middle of it',
    // Of this test: asked again and again, it must know whose it is.
    async ({expect}) => {
      // No other test tries indexes on this table, so that none keeps the other waiting.
      const running = typed(server.url('app'), `--queries ${join(folder, 'login.sql')} --slow 1ms --allow-ddl`)
      const held = `
        SELECT count(*)::int AS n FROM pg_locks l JOIN pg_stat_activity a USING (pid)
         WHERE a.application_name = 'proofload db-explain' AND l.mode = 'ShareLock' AND l.locktype = 'relation'`
      await expect
        .poll(async () => (await ask(server.url('postgres'), held))[0], {timeout: 30_000, interval: 20})
        .not.toEqual({n: 0})
      running.kill('SIGKILL')
      await running
      expect(await catalogue()).toBe(before)
    },
    PATIENCE,
  )

  test.concurrent('tells what costs it most, of all whose texts this role may read', async () => {
    const client = new Client(server.url('app'))
    await client.connect()
    for (let n = 1; n < 20; n++)
      await client.query('SELECT body FROM messages WHERE "userId" = $1 AND kind = $2', [n, 'text'])
    await client.end()
    const {chosen, skipped} = await factsOf(
      server.url('app'),
      '--from pg_stat_statements --set app.tenant=3 --slow 1ms',
    )
    expect(chosen?.length).toBeGreaterThan(0)
    expect(skipped.find(({name}) => name === 'other-users')?.reason).toContain('GRANT pg_read_all_stats')
  })

  test.concurrent('tells a role with few rights what it may not see', async () => {
    const {queries, skipped, tried, toApply} = await factsOf(
      server.url('poor'),
      `--queries ${join(folder, 'poor.sql')} --set app.tenant=3 --slow 1ms`,
    )
    expect(queries.map(({name}) => name)).toEqual(['login'])
    expect(skipped.map(({reason}) => reason)).toEqual([
      ...Array.from({length: 3}, () => 'permission denied for table messages'),
      'permission denied for table rooms',
    ])
    // The schema of HypoPG is not for it.
    expect(tried).toBeUndefined()
    expect(toApply.map(({ddl}) => ddl)).toEqual([expect.stringMatching(/\(lower\(email\)\)/)])
  })

  test.concurrent('sees rows as the role that is named does', async () => {
    const line = `--queries ${join(folder, 'queries.sql')} --slow 0.001ms --role tenant --set app.tenant=3 --show-values`
    const ran = await typed(server.url('app'), line)
    expect(ran.stdout).toMatch(/drops 900 · filter: .*tenant/)
  })

  const pooled = missingPgbouncer()

  describe.skipIf(pooled !== undefined)(
    `behind a pgbouncer${pooled === undefined ? '' : ` (skipped: ${pooled})`}`,
    () => {
      test.concurrent.each(['transaction', 'session'] as const)(
        'in %s mode: one line, and nothing is left in its session',
        async (mode) => {
          const url = (port?: number) => server.url('app', port)
          await using pooler = await startPgbouncer({mode, url})
          for (const level of ['', '--allow-ddl']) {
            const {exitCode, stderr} = await execa(
              process.execPath,
              [
                BIN,
                'db-explain',
                '--target',
                url(pooler.port),
                '--allow-host',
                '127.0.0.1',
                '--queries',
                join(folder, 'queries.sql'),
                ...(level === '' ? [] : [level]),
              ],
              {reject: false, stdin: 'ignore'},
            )
            expect(exitCode).toBe(69)
            const errors = stderr.split('\n').filter((line) => line.startsWith('error: '))
            expect(errors).toEqual([expect.stringMatching(/is reached over a pooler such as pgbouncer/)])
            const settings = `SELECT current_setting('default_transaction_read_only') AS "readOnly", current_setting('statement_timeout') AS timeout`
            // One session of the server is all that it has: the next client gets ours.
            expect(await ask(url(pooler.port), settings)).toEqual([{readOnly: 'off', timeout: '0'}])
          }
        },
      )
    },
  )
})
