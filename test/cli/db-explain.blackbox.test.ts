/** db-explain as it is typed, at a database with capital letters, partitions and policies: each level keeps its word, and leaves nothing behind. */
import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises'
import {createServer} from 'node:net'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {execa} from 'execa'
import {Client} from 'pg'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {startPostgres, type PostgresService} from '../../src/lib/targets/embedded/postgres.js'
import {fakePostgres} from './fake-postgres.js'

const BIN = fileURLToPath(new URL('../../bin/run.js', import.meta.url))
const PATIENCE = 60_000

const SCHEMA = `
  CREATE SCHEMA "Big Shop";
  CREATE TABLE "Big Shop"."Orders" ("Id" bigint PRIMARY KEY, "userId" int NOT NULL, body text);
  INSERT INTO "Big Shop"."Orders" SELECT i, (i::bigint * 7919) % 20000, repeat('x', 50) FROM generate_series(1, 100000) i;
  CREATE VIEW orders AS SELECT "userId" AS user_id, body FROM "Big Shop"."Orders";
  CREATE TABLE events (id bigint NOT NULL, room int NOT NULL, at date NOT NULL) PARTITION BY RANGE (at);
  CREATE TABLE events_old PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01') PARTITION BY LIST (room);
  CREATE TABLE events_old_all PARTITION OF events_old DEFAULT;
  CREATE TABLE "events New" PARTITION OF events DEFAULT;
  INSERT INTO events SELECT i, i % 4000, date '2024-06-01' + i % 400 FROM generate_series(1, 120000) i;
  CREATE TABLE mine (id int PRIMARY KEY, tenant int NOT NULL, body text);
  INSERT INTO mine SELECT i, i % 10, 'b' || i FROM generate_series(1, 1000) i;
  ALTER TABLE mine ENABLE ROW LEVEL SECURITY;
  ALTER TABLE mine FORCE ROW LEVEL SECURITY;
  CREATE POLICY own ON mine USING (tenant = current_setting('app.tenant')::int)`

const GOOD = `
-- name: by-user
SELECT * FROM orders WHERE user_id = $1;
-- name: room
SELECT id FROM events WHERE room = 77;
-- name: mine
SELECT count(*) FROM mine`

const BAD = `UPDATE mine SET body = '';
SELECT pg_sleep(9) FROM mine;
SELECT * FORM mine;
SELECT * FROM nowhere;
  SELECT * FROM hidden;
SELECT count(*) FROM mine; DELETE FROM mine`

/** "Has, or recently had, indexes" (relhasindex) stays true after a rolled-back CREATE INDEX until the next VACUUM. */
const CATALOGUE = `
  SELECT (SELECT json_agg(json_build_array(oid, relname, relkind, relfilenode, relnamespace) ORDER BY oid) FROM pg_class)::text
      || (SELECT json_agg(i ORDER BY indexrelid) FROM pg_index i)::text
      || (SELECT json_agg(json_build_array(oid, proname) ORDER BY oid) FROM pg_proc)::text
      || (SELECT json_agg(json_build_array(oid, extname)) FROM pg_extension)::text AS text`

let service: PostgresService
let folder: string
let admin: Client

beforeAll(async () => {
  service = await startPostgres({settings: {autovacuum: 'off'}})
  folder = await mkdtemp(join(tmpdir(), 'proofload-db-explain-'))
  await writeFile(join(folder, 'good.sql'), GOOD)
  await writeFile(join(folder, 'bad.sql'), BAD)
  await writeFile(join(folder, 'only-bad.sql'), 'SELECT * FROM hidden')
  await writeFile(join(folder, 'empty.sql'), ' \n')
  const owner = new Client(service.url)
  await owner.connect()
  await owner.query(SCHEMA)
  await owner.query('VACUUM (ANALYZE)')
  await owner.end()
  admin = new Client(service.adminUrl)
  await admin.connect()
  await admin.query('CREATE TABLE public.hidden (id int); REVOKE ALL ON public.hidden FROM PUBLIC')
}, PATIENCE)

afterAll(async () => {
  await admin.end()
  await rm(folder, {recursive: true})
  await service[Symbol.asyncDispose]()
})

/** `@T` is the target, `@/` the folder of the files. */
function typed(line: string, {allowed = true} = {}) {
  const words = line.split(' ').map((word) => word.replace('@T', service.url).replace('@/', `${folder}/`))
  const more = allowed ? ['--allow-host', '127.0.0.1'] : []
  return execa(process.execPath, [BIN, 'db-explain', ...words, ...more], {
    reject: false,
    stdin: 'ignore',
    timeout: PATIENCE,
  })
}

async function catalogue(): Promise<string> {
  const {rows} = await admin.query<{text: string}>(CATALOGUE)
  return rows[0]?.text ?? ''
}

async function sessionsLeft(): Promise<number> {
  const ours = `SELECT count(*)::int AS left FROM pg_stat_activity WHERE application_name LIKE 'proofload%'`
  const {rows} = await admin.query<{left: number}>(ours)
  return rows[0]?.left ?? -1
}

interface Printed {
  readonly facts: {
    readonly level: string
    readonly toApply: readonly {readonly ddl: string}[]
    readonly skipped: readonly {name: string; line: number; column: number; reason: string}[]
    readonly measured?: readonly unknown[]
    readonly copy?: {
      readonly sample?: number
      readonly tables: readonly {readonly name: string; readonly rows: number}[]
    }
    readonly queries: readonly {readonly name: string}[]
  }
}

describe('what is typed wrongly, or cannot be used, is told in one line', () => {
  it.concurrent.each([
    ['--target @T', 2, /no query to look at/],
    ['--target @T --queries @/nowhere.sql', 2, /no such file/],
    ['--target @T --queries @/empty.sql', 2, /is empty/],
    ['--target @T --queries @/good.sql --copy --allow-ddl', 2, /give one of them/],
    ['--target @T --queries @/good.sql --target postgres://127.0.0.1/x', 2, /one database/],
    ['--target @T --queries @/good.sql --goal 0%', 2, /--goal/],
    ['--target @T --queries @/good.sql --sample 10%', 2, /add --copy/],
    ['--target @T --queries @/good.sql --check inserts', 2, /--check inserts writes/],
    ['--target @T --queries @/good.sql --check nonsense', 2, /known: cache-hit/],
    ['--target @T --queries @/good.sql --sql-out @/none/out.sql', 2, /no such folder/],
    ['--target @T --queries @/good.sql --role nobody', 2, /--role nobody: there is no such role/],
    ['--target @T --queries @/good.sql --set work_mem=lots', 2, /--set work_mem: .* this value/],
    ['--target @T --queries @/only-bad.sql', 69, /q1 \(line 1, column 1\): permission denied for table hidden/],
    ['--target postgres://u:secret@127.0.0.1:9/x --queries @/good.sql', 69, /Postgres at 127\.0\.0\.1:9\/x/],
  ])('%s ends with %i', async (line, exitCode, why) => {
    const ran = await typed(line)
    expect(ran.stderr).toMatch(why)
    expect(ran).toMatchObject({exitCode, stdout: ''})
    expect(ran.stderr).not.toMatch(/secret|shard|\n\s+at /)
  })

  it.concurrent('a wrong password', async () => {
    const {host} = new URL(service.url)
    const ran = await typed(`--target postgres://u:secret@${host}/proofload?sslmode=disable --queries @/good.sql`)
    expect(ran).toMatchObject({exitCode: 69, stdout: ''})
    expect(ran.stderr).toMatch(/password authentication failed/)
    expect(ran.stderr).not.toContain('secret')
  })

  it.concurrent('indexes at a target without its host being allowed', async () => {
    const ran = await typed('--target @T --queries @/good.sql --allow-ddl', {allowed: false})
    expect(ran.stderr).toMatch(/making tables on 127\.0\.0\.1 is not allowed/)
    expect(ran.exitCode).toBe(2)
  })

  it.concurrent('a server older than 13', async () => {
    await using old = await fakePostgres({version: 120_000, pid: 7})
    const ran = await typed(`--target ${old.url} --queries @/good.sql`)
    expect(ran.stderr).toMatch(/is version 12, and db-explain needs 13 or newer/)
    expect(ran.exitCode).toBe(69)
  })

  it.concurrent('a pooler', async () => {
    await using pooler = await fakePostgres({version: 170_000, pid: 99})
    const ran = await typed(`--target ${pooler.url} --queries @/good.sql`)
    expect(ran.stderr).toMatch(/over a pooler such as pgbouncer/)
    expect(ran.exitCode).toBe(69)
  })

  it.concurrent('what is no Postgres', async () => {
    const server = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const {port} = server.address() as {port: number}
    const ran = await typed(`--target postgres://u@127.0.0.1:${port}/x?sslmode=disable --queries @/good.sql`)
    server.close()
    expect(ran.stderr).toMatch(/Postgres at .* cannot be used/)
    expect(ran.exitCode).toBe(69)
  })
})

describe('at a target', () => {
  const base = '--target @T --queries @/good.sql --set app.tenant=3 --slow 1ms --seed levels'

  it('it only reads, claims no speed-up, and gives a partitioned table its index in steps that work', async () => {
    const before = await catalogue()
    const ran = await typed(`${base} --json --sql-out @/out.sql`)
    const {facts: evidence} = JSON.parse(ran.stdout) as Printed
    expect(ran.exitCode).toBe(99)
    expect(ran.stderr).toContain('no speed-up is claimed')
    expect(evidence.level).toBe('read')
    expect(evidence.measured).toBeUndefined()
    expect(await catalogue()).toBe(before)
    const script = await readFile(join(folder, 'out.sql'), 'utf8')
    const statements = script.replaceAll(/^--.*$/gm, '').split(';')
    for (const sql of statements) if (sql.trim() !== '') await admin.query(sql)
    const {rows} = await admin.query<{valid: boolean; parts: number}>(`
      SELECT bool_and(i.indisvalid) AS valid, count(*)::int AS parts FROM pg_class c
      CROSS JOIN LATERAL pg_partition_tree(c.oid) t JOIN pg_index i ON i.indexrelid = t.relid
      WHERE c.relkind = 'I' AND c.relname LIKE 'events_room%' AND t.level >= 0 AND NOT c.relispartition`)
    expect(rows).toEqual([{valid: true, parts: 4}])
    await admin.query(
      evidence.toApply
        .flatMap(
          ({ddl}) => /^CREATE INDEX (?:CONCURRENTLY )?(".*?"|\S+) ON (?:ONLY )?(".*?"|\w+)\./.exec(ddl)?.slice(1) ?? [],
        )
        .flatMap((word, place, all) =>
          place % 2 === 0 ? [`DROP INDEX IF EXISTS ${all[place + 1] ?? ''}.${word} CASCADE`] : [],
        )
        .join(';'),
    )
  })

  it('it skips what does not only read, each with the reason and where it stands', async () => {
    const ran = await typed('--target @T --queries @/bad.sql --set app.tenant=3 --json')
    const {facts: evidence} = JSON.parse(ran.stdout) as Printed
    expect(evidence.skipped.map(({line, column, reason}) => `${line}:${column} ${reason}`)).toEqual([
      '1:1 it is an UPDATE',
      '2:1 pg_sleep() is volatile',
      '3:10 syntax error at or near "FORM"',
      '4:1 relation "nowhere" does not exist',
      '5:3 permission denied for table hidden',
      '6:28 it is a DELETE',
    ])
    expect(evidence.queries).toHaveLength(1)
  })

  it(
    '--copy proves it on a copy, of what the role may see, with the settings of the session',
    async () => {
      const before = await catalogue()
      const ran = await typed(`${base} --json --copy --sample 50% --table mine --measure-for 3s`)
      const {facts: evidence} = JSON.parse(ran.stdout) as Printed
      expect(evidence.level).toBe('copy')
      expect(evidence.skipped).toEqual([])
      expect(evidence.measured).toHaveLength(3)
      expect(evidence.copy?.sample).toBe(0.5)
      expect(evidence.copy?.tables.find(({name}) => name === 'mine')?.rows).toBeLessThan(100)
      expect(await catalogue()).toBe(before)
    },
    PATIENCE,
  )

  it(
    '--allow-ddl proves it in transactions that are rolled back, also when it is killed',
    async () => {
      const before = await catalogue()
      const ran = await typed(`${base} --json --allow-ddl --measure-for 3s`)
      const {facts: evidence} = JSON.parse(ran.stdout) as Printed
      expect(evidence.level).toBe('trial')
      expect(evidence.measured).toHaveLength(3)
      expect(await catalogue()).toBe(before)
      const killed = typed(`${base} --allow-ddl`)
      await expect.poll(locksOfOurs, {timeout: 20_000, interval: 20}).toBeGreaterThan(0)
      killed.kill('SIGKILL')
      await killed
      await expect.poll(sessionsLeft, {timeout: 10_000}).toBe(0)
      expect(await catalogue()).toBe(before)
    },
    PATIENCE,
  )

  it(
    'Ctrl-C in a long statement ends it there and here, with a report of what was seen',
    async () => {
      await writeFile(
        join(folder, 'long.sql'),
        `${GOOD};\n-- name: long\nSELECT count(*) FROM generate_series(1, 2000000000) a, mine`,
      )
      const before = await catalogue()
      const running = typed('--target @T --queries @/long.sql --set app.tenant=3 --json')
      await expect.poll(longRuns, {timeout: 20_000}).toBe(1)
      running.kill('SIGINT')
      const ran = await running
      expect(ran.exitCode).toBe(130)
      const {facts: evidence} = JSON.parse(ran.stdout) as Printed
      expect(evidence.queries.map(({name}) => name)).toEqual(['by-user', 'room', 'mine'])
      await expect.poll(sessionsLeft, {timeout: 10_000}).toBe(0)
      expect(await catalogue()).toBe(before)
    },
    PATIENCE,
  )
})

async function locksOfOurs(): Promise<number> {
  const {rows} = await admin.query<{held: number}>(`
    SELECT count(*)::int AS held FROM pg_locks l JOIN pg_stat_activity a USING (pid)
    WHERE a.application_name LIKE 'proofload%' AND l.mode = 'ShareLock' AND l.locktype = 'relation'`)
  return rows[0]?.held ?? 0
}

async function longRuns(): Promise<number> {
  const {rows} = await admin.query<{running: number}>(`
    SELECT count(*)::int AS running FROM pg_stat_activity
    WHERE application_name LIKE 'proofload%' AND backend_type = 'client backend' AND query LIKE '%2000000000%' AND query LIKE '%ANALYZE%'`)
  return rows[0]?.running ?? 0
}
