/** The checks that read what a real Postgres counted: each sees its planted fault, and is silent without. */
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {judgeCacheHit} from '../../../../src/lib/drills/db-explain/checks/cache-hit/judge.js'
import {runCacheHit} from '../../../../src/lib/drills/db-explain/checks/cache-hit/run.js'
import {flushCounts} from '../../../../src/lib/drills/db-explain/checks/flush.js'
import {judgeMaintenance} from '../../../../src/lib/drills/db-explain/checks/maintenance/judge.js'
import {runMaintenance} from '../../../../src/lib/drills/db-explain/checks/maintenance/run.js'
import {judgeNPlusOne} from '../../../../src/lib/drills/db-explain/checks/n-plus-one/judge.js'
import {runNPlusOne} from '../../../../src/lib/drills/db-explain/checks/n-plus-one/run.js'
import {judgePagination} from '../../../../src/lib/drills/db-explain/checks/pagination/judge.js'
import {findPageOrders} from '../../../../src/lib/drills/db-explain/checks/pagination/page-order.js'
import {runPagination} from '../../../../src/lib/drills/db-explain/checks/pagination/run.js'
import {judgeUnused} from '../../../../src/lib/drills/db-explain/checks/unused/judge.js'
import {runUnused} from '../../../../src/lib/drills/db-explain/checks/unused/run.js'
import type {Session} from '../../../../src/lib/protocols/postgres/session.js'
import {startPostgres, type PostgresService} from '../../../../src/lib/targets/embedded/postgres.js'
import {bound, catalogue, freshDatabase, kit, sessionOn, slicesOf, verdictOn} from './kit.js'

let service: PostgresService

beforeAll(async () => {
  service = await startPostgres({settings: {shared_preload_libraries: 'pg_stat_statements', autovacuum: 'off'}})
})
afterAll(() => service[Symbol.asyncDispose]())

/** A session in a database of this name, for the tests of one check. */
function inDatabase(name: string): () => Session {
  let session: Session | undefined
  beforeAll(async () => {
    session = await sessionOn(await freshDatabase(service.adminUrl, name))
  })
  afterAll(() => session?.end())
  return () => {
    if (session === undefined) throw new Error('there is no session yet')
    return session
  }
}

describe('cache-hit', () => {
  const session = inDatabase('cache_hit')

  beforeAll(async () => {
    await session().run(`
      CREATE EXTENSION pg_buffercache;
      CREATE TABLE "Notes" (id bigint PRIMARY KEY, body text);
      INSERT INTO "Notes" SELECT n, repeat('x', 1000) FROM generate_series(1, 3000) AS n;`)
    await session().run('VACUUM (ANALYZE) "Notes"')
  })

  const scan = () => session().run('SELECT count(body) FROM "Notes"')

  test('blocks that are not in shared_buffers break the ratio, of their table too', async () => {
    await session().run('SET track_io_timing = on; CHECKPOINT')
    await session().ask(
      `SELECT pg_buffercache_evict(bufferid) FROM pg_buffercache
        WHERE reldatabase = (SELECT oid FROM pg_database WHERE datname = current_database()) AND relfilenode >= 16384`,
    )
    const facts = await runCacheHit({session: session(), workload: scan}, kit)
    const {metrics, sentences} = judgeCacheHit(facts)
    expect(verdictOn('cache_hit_ratio >= 95%', metrics)).toBe('fail')
    expect(verdictOn('cache_hit_ratio{table=public.Notes} >= 95%', metrics)).toBe('fail')
    expect(facts.readMs).toBeGreaterThan(0)
    expect(sentences.join(' ')).toContain('public.Notes')
  })

  test('blocks that are there hold it', async () => {
    await scan()
    const workload = async () => {
      for (let n = 0; n < 3; n++) await scan()
      await session().read('SELECT id FROM "Notes" WHERE id = 7')
    }
    const {metrics, sentences} = judgeCacheHit(await runCacheHit({session: session(), workload}, kit))
    expect(verdictOn('cache_hit_ratio{table=*} >= 95%', metrics)).toBe('pass')
    expect(slicesOf(metrics['cache_hit_ratio'])).toContainEqual(
      expect.objectContaining({tags: {table: 'public.Notes', index: 'Notes_pkey'}}),
    )
    expect(sentences.join(' ')).toContain('the cache of the operating system is invisible')
  })

  test('a workload that reads nothing is no pass, nor one whose counts were set back', async () => {
    const idle = judgeCacheHit(await runCacheHit({session: session(), workload: () => Promise.resolve()}, kit))
    expect(verdictOn('cache_hit_ratio >= 95%', idle.metrics)).toBe('inconclusive')
    const workload = async () => {
      await scan()
      await session().ask('SELECT pg_stat_reset()')
    }
    const {metrics, sentences} = judgeCacheHit(await runCacheHit({session: session(), workload}, kit))
    expect(verdictOn('cache_hit_ratio >= 95%', metrics)).toBe('inconclusive')
    expect(sentences[0]).toContain('set back')
  })
})

describe('pagination', () => {
  const session = inDatabase('pagination')

  beforeAll(async () => {
    await session().run(`
      CREATE SCHEMA "App";
      CREATE TABLE "App"."Messages" (id bigint PRIMARY KEY, "Room" int NOT NULL, "Sent At" timestamptz NOT NULL, rank int, body text);
      INSERT INTO "App"."Messages"
        SELECT n, n % 3, timestamptz '2026-01-01' + n / 5 * interval '1 second', nullif(n % 10, 0), repeat('b', 200)
          FROM generate_series(1, 6000) AS n;
      CREATE VIEW recent AS SELECT * FROM "App"."Messages";
      CREATE TABLE heap (at timestamptz NOT NULL);
      INSERT INTO heap SELECT now() FROM generate_series(1, 100);`)
    await session().run('VACUUM (ANALYZE) "App"."Messages"')
  })

  const turn = async (sql: string, own: boolean, values: readonly string[] = []) =>
    runPagination(
      {
        session: session(),
        orders: await findPageOrders([bound('page', sql, [values])]),
        own,
        depths: [0, 10, 4000, 9000],
      },
      kit,
    )

  test('pages by key are those by OFFSET, as deep as the table goes, and the index for it is gone afterwards', async () => {
    const before = await catalogue(session())
    const facts = await turn(
      'SELECT m.body FROM "App"."Messages" m WHERE m."Room" = $2 ORDER BY m."Sent At" DESC LIMIT $1',
      true,
      ['20', '1'],
    )
    expect(facts).toMatchObject({trouble: undefined, query: 'page', table: 'App.Messages', index: 'made', pageRows: 50})
    expect(facts.depths.map(({depth, identical}) => [depth, identical])).toEqual([
      [0, true],
      [10, true],
      [4000, true],
    ])
    expect(facts.ddl).toBe('CREATE INDEX CONCURRENTLY ON "App"."Messages" ("Sent At" DESC, "id" DESC);')
    expect(await catalogue(session())).toEqual(before)
    const {metrics, sentences} = judgePagination(facts)
    expect(slicesOf(metrics['keyset_speedup'])).toMatchObject([{tags: {depth: '10'}}, {tags: {depth: '4000'}}])
    expect(sentences.join(' ')).toMatch(/identical.*cannot jump to page N.*while rows are inserted/s)
  })

  test('keys in both directions and a filter find the same pages', async () => {
    const orders = await findPageOrders([
      bound(
        'page',
        'SELECT * FROM "App"."Messages" WHERE "Room" = $1 AND body <> \'$9\' ORDER BY "Sent At" DESC, id LIMIT 30',
        [['2']],
      ),
    ])
    const filtered = orders.filter(({where}) => where !== undefined)
    expect(filtered).toHaveLength(1)
    const facts = await runPagination(
      {session: session(), orders: filtered, own: false, depths: [1, 700, 1999, 2000]},
      kit,
    )
    expect(facts).toMatchObject({index: 'missing', pageRows: 30})
    expect(facts.depths.map(({depth, identical}) => [depth, identical])).toEqual([
      [1, true],
      [700, true],
      [1999, true],
    ])
    expect(judgePagination(facts).sentences.join(' ')).toContain('No index serves this order')
  })

  test('an index that serves the order is found', async () => {
    const facts = await turn('SELECT * FROM "App"."Messages" ORDER BY id LIMIT 10', false)
    expect(facts.index).toBe('there')
    expect(facts.depths.every(({identical}) => identical)).toBe(true)
  })

  test.each([
    ['SELECT * FROM "App"."Messages" ORDER BY rank LIMIT 10', 'holds NULL'],
    ['SELECT * FROM recent ORDER BY id LIMIT 10', 'no table but a view'],
    ['SELECT * FROM heap ORDER BY at LIMIT 10', 'no unique key'],
    ['SELECT * FROM missing ORDER BY at LIMIT 10', 'not there'],
    ['SELECT * FROM heap ORDER BY lower(at::text) LIMIT 10', 'no query of the workload sorts'],
    ['SELECT lower(body) AS id FROM "App"."Messages" ORDER BY id LIMIT 10', 'no query of the workload sorts'],
  ])('%s: %s', async (sql, why) => {
    const {metrics, sentences} = judgePagination(await turn(sql, true))
    expect(sentences.join(' ')).toContain(why)
    expect(verdictOn('keyset_speedup >= 50%', metrics)).toBe('inconclusive')
  })
})

describe('n-plus-one', () => {
  const session = inDatabase('n_plus_one')

  beforeAll(async () => {
    await session().run(`
      CREATE SCHEMA ext; CREATE EXTENSION pg_stat_statements SCHEMA ext;
      CREATE TABLE users (id int PRIMARY KEY, name text);
      CREATE TABLE posts (id int PRIMARY KEY, author int, title text);
      INSERT INTO users SELECT n, 'user "' || n || '"' FROM generate_series(1, 100) AS n;
      INSERT INTO posts SELECT n, n % 100 + 1, 'title' FROM generate_series(1, 300) AS n;`)
  })

  const POSTS = 'SELECT id, author FROM posts ORDER BY id LIMIT 40'
  const each = async () => {
    const {rows} = await session().read(POSTS)
    for (const [, author] of rows) await session().read('SELECT name FROM users WHERE id = $1', [author ?? null])
  }
  const batched = async () => {
    const {rows} = await session().read(POSTS)
    const authors = `{${rows.map(([, author]) => author).join(',')}}`
    await session().read('SELECT id, name FROM users WHERE id = ANY($1)', [authors])
    for (let n = 0; n < 25; n++) await session().read('SELECT count(*) FROM posts WHERE title = $1', ['title'])
  }

  test('a lookup for each row is seen, the pair is named, and asking for all at once is measured', async () => {
    const facts = await runNPlusOne({session: session(), pattern: each}, kit)
    expect(facts.suspected).toMatchObject([
      {
        key: 'users.id',
        parentCalls: 1,
        parentRows: 40,
        childCalls: 40,
        batching: {keys: 50, asked: 'itself', identical: true},
      },
    ])
    const {metrics, sentences} = judgeNPlusOne(facts)
    expect(verdictOn('n_plus_one == 0', metrics)).toBe('fail')
    expect(slicesOf(metrics['batching_speedup'])).toMatchObject([{tags: {table: 'users'}}])
    expect(sentences[0]).toContain('SELECT name FROM users WHERE id = $1')
    expect(sentences.at(-1)).toContain('suspicion')
  })

  test('one lookup for all rows, and other lookups beside, are none', async () => {
    const {metrics} = judgeNPlusOne(await runNPlusOne({session: session(), pattern: batched}, kit))
    expect(verdictOn('n_plus_one == 0', metrics)).toBe('pass')
  })

  test('without the extension nothing was looked for', async () => {
    const other = await sessionOn(service.adminUrl)
    try {
      const {metrics, sentences} = judgeNPlusOne(
        await runNPlusOne({session: other, pattern: () => Promise.resolve()}, kit),
      )
      expect(verdictOn('n_plus_one == 0', metrics)).toBe('inconclusive')
      expect(sentences[0]).toContain('CREATE EXTENSION pg_stat_statements')
    } finally {
      await other.end()
    }
  })
})

describe('unused', () => {
  const session = inDatabase('unused')

  beforeAll(async () => {
    await session().run(`
      CREATE TABLE rooms (id int PRIMARY KEY, name text UNIQUE);
      CREATE TABLE messages (id int PRIMARY KEY, room int REFERENCES rooms, author int, body text, gone timestamptz);
      INSERT INTO rooms SELECT n, 'room ' || n FROM generate_series(1, 50) AS n;
      INSERT INTO messages SELECT n, n % 50 + 1, n % 7, 'x', NULL FROM generate_series(1, 5000) AS n;
      CREATE INDEX room_author ON messages (room, author);
      ANALYZE;`)
  })

  const use = async () => {
    await session().run('SET enable_seqscan = off')
    await session().read('SELECT * FROM messages WHERE room = 3 AND author = 1')
  }

  test('indexes that are used or needed are left alone', async () => {
    await use()
    const facts = await runUnused({session: session(), own: true}, kit)
    expect(facts).toMatchObject({known: true, unused: [], redundant: []})
    const {metrics} = judgeUnused(facts)
    expect(verdictOn('unused_indexes == 0', metrics)).toBe('pass')
    expect(verdictOn('redundant_indexes == 0', metrics)).toBe('pass')
    expect(verdictOn('index_bytes_saved <= 0', metrics)).toBe('pass')
  })

  test('unused ones, duplicates and prefixes are found, partial ones and other operator classes are not mixed up', async () => {
    await session().run(`
      CREATE INDEX "Room" ON messages (room);
      CREATE INDEX room_author_again ON messages (room, author);
      CREATE INDEX room_live ON messages (room) WHERE gone IS NULL;
      CREATE INDEX body_plain ON messages (body);
      CREATE INDEX body_pattern ON messages (body text_pattern_ops);`)
    await session().read('SELECT * FROM messages WHERE room = 3 AND gone IS NULL')
    const facts = await runUnused({session: session(), own: true}, kit)
    expect(facts.redundant.map(({index, by, how}) => [index.name, by.name, how])).toEqual([
      ['Room', 'room_author', 'prefix'],
      ['room_author_again', 'room_author', 'duplicate'],
    ])
    expect(facts.unused.map(({name}) => name)).toEqual(expect.arrayContaining(['body_pattern', 'body_plain']))
    const {metrics, sentences} = judgeUnused(facts)
    expect(verdictOn('unused_indexes == 0', metrics)).toBe('fail')
    expect(verdictOn('redundant_indexes{table=public.messages} == 0', metrics)).toBe('fail')
    expect(sentences).toContain('DROP INDEX CONCURRENTLY public."Room";')
    expect(sentences.filter((one) => one.startsWith('DROP')).length).toBe(
      new Set(sentences.filter((one) => one.startsWith('DROP'))).size,
    )
  })

  test('of a target whose counts are young, nothing is called unused', async () => {
    const facts = await runUnused({session: session(), own: false}, kit)
    expect(facts).toMatchObject({known: false, unused: []})
    const {metrics, sentences} = judgeUnused(facts)
    expect(verdictOn('unused_indexes == 0', metrics)).toBe('inconclusive')
    expect(sentences.join(' ')).toContain('it takes a week')
  })

  test('an index of a partitioned table stands for its parts', async () => {
    await session().run(`
      CREATE TABLE events (at date, kind int) PARTITION BY RANGE (at);
      CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
      CREATE TABLE events_2 PARTITION OF events FOR VALUES FROM ('2026-02-01') TO ('2026-03-01');
      CREATE INDEX events_kind ON events (kind)`)
    const {sentences} = judgeUnused(await runUnused({session: session(), own: true}, kit))
    expect(sentences).toContain('DROP INDEX public.events_kind;')
    expect(sentences.join(' ')).not.toContain('events_1')
  })
})

describe('maintenance', () => {
  const session = inDatabase('maintenance')
  // What is counted late would count as done after the VACUUM.
  const flush = () => flushCounts(session(), kit.clock)

  beforeAll(async () => {
    await session().run(`
      CREATE TABLE tidy (id int, body text);
      INSERT INTO tidy SELECT n, repeat('x', 100) FROM generate_series(1, 20000) AS n;`)
    await flush()
    await session().run('VACUUM (ANALYZE, FREEZE) tidy')
  })

  const look = async () => judgeMaintenance(await runMaintenance({session: session(), plans: []}, kit))

  test('tables that were vacuumed and analysed need nothing', async () => {
    const {metrics, sentences} = await look()
    expect(verdictOn('tables_need_vacuum == 0', metrics)).toBe('pass')
    expect(verdictOn('tables_need_analyze == 0', metrics)).toBe('pass')
    expect(verdictOn('tables_near_wraparound == 0', metrics)).toBe('pass')
    expect(verdictOn('table_bloat < 20%', metrics)).toBe('pass')
    expect(sentences).toEqual(['All of 1 tables are kept up.'])
  })

  test('dead rows, stale and missing statistics, and bloat are seen', async () => {
    await session().run('CREATE TABLE bloated (id int, body text) WITH (autovacuum_enabled = off)')
    await session().run(`INSERT INTO bloated SELECT n, repeat('x', 100) FROM generate_series(1, 20000) AS n`)
    await session().run('DELETE FROM bloated WHERE id % 2 = 0')
    await flush()
    await session().run('ANALYZE bloated')
    await session().run('CREATE TABLE "Never" (id int)')
    await session().run('INSERT INTO "Never" SELECT generate_series(1, 500)')
    const {metrics, sentences} = await look()
    expect(verdictOn('tables_need_vacuum{table=public.bloated} == 0', metrics)).toBe('fail')
    expect(verdictOn('tables_need_vacuum{table=public.tidy} == 0', metrics)).toBe('pass')
    expect(verdictOn('tables_need_analyze{table=public.Never} == 0', metrics)).toBe('fail')
    expect(verdictOn('tables_need_analyze{table=public.bloated} == 0', metrics)).toBe('pass')
    expect(verdictOn('table_bloat{table=public.bloated} < 20%', metrics)).toBe('fail')
    expect(sentences.join('\n')).toMatch(/autovacuum is off for it: VACUUM public\.bloated;/)
    expect(sentences.join('\n')).toContain('ANALYZE public."Never";')
  })

  test("a table's own thresholds count", async () => {
    await session().run(
      `CREATE TABLE patient (id int) WITH (autovacuum_vacuum_threshold = 1000000, autovacuum_vacuum_scale_factor = 0)`,
    )
    await session().run('INSERT INTO patient SELECT generate_series(1, 2000)')
    await flush()
    await session().run('ANALYZE patient')
    await session().run('VACUUM patient')
    await session().run('DELETE FROM patient')
    const {metrics} = await look()
    expect(verdictOn('tables_need_vacuum{table=public.patient} == 0', metrics)).toBe('pass')
  })
})
