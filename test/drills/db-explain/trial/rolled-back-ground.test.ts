/** On a server in use: nothing stays, whatever happens, and whoever waits for us does not wait long. */
import {afterAll, beforeAll, beforeEach, describe, expect, test} from 'vitest'
import {explain} from '../../../../src/lib/drills/db-explain/plans/explain.js'
import {choose} from '../../../../src/lib/drills/db-explain/trial/choose.js'
import {hypoPgOf} from '../../../../src/lib/drills/db-explain/trial/hypopg.js'
import {hypotheticalGround} from '../../../../src/lib/drills/db-explain/trial/hypothetical-ground.js'
import {measureBlocks} from '../../../../src/lib/drills/db-explain/trial/measure-blocks.js'
import {rolledBackGround, type TrialLimits} from '../../../../src/lib/drills/db-explain/trial/rolled-back-ground.js'
import {isBuilt, type Built, type TrialGround} from '../../../../src/lib/drills/db-explain/trial/trial-ground.js'
import type {Session} from '../../../../src/lib/protocols/postgres/session.js'
import {startPostgres, type PostgresService} from '../../../../src/lib/targets/embedded/postgres.js'
import {candidate, CHAT, CLOCK, design, DESIGNS, kitOf, query, QUERIES, sessionOn} from './ground-kit.js'

let postgres: PostgresService
let admin: Session
let session: Session
let watcher: Session
const {history, every, digest} = QUERIES
const WITHIN_5_S = {timeout: 5000, interval: 10}

beforeAll(async () => {
  postgres = await startPostgres({settings: {autovacuum: 'off'}})
  admin = await sessionOn(postgres.adminUrl)
  await admin.run('GRANT CREATE ON SCHEMA public TO practice')
  const owner = await sessionOn(postgres.url)
  await owner.run(CHAT)
  await owner.end()
  await admin.run('VACUUM (ANALYZE)')
})

beforeEach(async () => {
  session = await sessionOn(postgres.url)
  watcher = await sessionOn(postgres.url)
  return async () => {
    await session.end()
    await watcher.end()
  }
})

afterAll(async () => {
  await admin.end()
  await postgres[Symbol.asyncDispose]()
})

const groundOf = (limits: Partial<TrialLimits> = {}) =>
  rolledBackGround(session, {watcher, clock: CLOCK, limits: {quietMs: 10, ...limits}})

/** What VACUUM and CREATE INDEX estimate anew outside of any transaction is left out. */
const catalogue = () =>
  admin.ask(`
    SELECT to_jsonb(c) - '{relpages,reltuples,relallvisible,relallfrozen,relhasindex,relfrozenxid,relminmxid}'::text[] AS class, to_jsonb(i) AS index
    FROM pg_class c LEFT JOIN pg_index i ON i.indexrelid = c.oid WHERE c.relpersistence <> 't' ORDER BY c.oid`)
const locks = async () =>
  (await admin.ask<{n: number}>(`SELECT count(*)::int AS n FROM pg_locks WHERE relation = 'message'::regclass`))[0]?.n

async function standing(ground: TrialGround, of = DESIGNS.roomSent): Promise<Built> {
  const built = await ground.build(of)
  if (!isBuilt(built)) throw new Error(built.reason)
  await ground.see([built])
  return built
}

describe('leaves the catalogue as it was', () => {
  test('after choosing and measuring, and proves the gain in blocks', async () => {
    const before = await catalogue()
    await using ground = await groundOf()
    const choice = await choose(ground, {
      queries: [digest, every],
      candidates: [
        candidate(DESIGNS.digest, ['digest']),
        candidate(DESIGNS.author, ['every']),
        candidate(DESIGNS.lower, ['every']),
      ],
      times: new Map(),
      slowMs: 10,
      signal: new AbortController().signal,
    })
    expect(choice.chosen.map(({candidate: {design: taken}}) => taken)).toEqual([DESIGNS.digest])
    expect(await locks()).toBe(0)
    const chosen = choice.chosen.map(({built}) => built)
    const settings = {runs: 10, warmups: 1, blockMs: 5000}
    const {measured, stopped, drift} = await measureBlocks(
      ground,
      {queries: [digest, every], chosen},
      settings,
      kitOf(),
    )
    expect(stopped).toBeUndefined()
    expect(drift).toBeGreaterThan(0)
    expect(measured[0]).toMatchObject({
      design: 'blocks',
      ended: 'precise',
      answers: 'same',
      uses: [chosen[0]?.name],
      failures: {},
    })
    expect(measured[0]?.ratio?.upper).toBeLessThan(0.5)
    expect(measured[1]).toMatchObject({samePlan: true, uses: []})
    expect(await catalogue()).toEqual(before)
  })

  test('when the session is cut in the middle of a trial', async () => {
    const before = await catalogue()
    const ground = await groundOf()
    await standing(ground)
    expect(await locks()).toBeGreaterThan(0)
    session.cut()
    await expect.poll(locks, WITHIN_5_S).toBe(0)
    await ground[Symbol.asyncDispose]()
    expect(await catalogue()).toEqual(before)
  })

  test('when the server ends the session', async () => {
    const before = await catalogue()
    await using ground = await groundOf()
    const built = await standing(ground)
    await admin.ask('SELECT pg_terminate_backend($1)', [session.backend?.pid])
    const {measured, stopped} = await measureBlocks(
      ground,
      {queries: [history], chosen: [built]},
      {runs: 6, warmups: 1, blockMs: 1000},
      kitOf(),
    )
    expect(stopped).toBe('the session was lost')
    expect(measured[0]).toMatchObject({ended: 'interrupted', ratio: undefined})
    // The server says farewell before it cleans up.
    await expect.poll(locks).toBe(0)
    expect(await catalogue()).toEqual(before)
  })
})

describe('minds the others', () => {
  test('gives up as soon as a writer waits, who then goes on', async () => {
    await using ground = await groundOf()
    const built = await standing(ground)
    await admin.run(`UPDATE message SET rare = rare WHERE id = 1`)
    expect(ground.stopped.reason).toBe('another session waited for a lock of the trial')
    expect(await ground.build(DESIGNS.author)).toMatchObject({reason: 'another session waited for a lock of the trial'})
    const {measured, stopped} = await measureBlocks(
      ground,
      {queries: [history], chosen: [built]},
      {runs: 6, warmups: 1, blockMs: 1000},
      kitOf(),
    )
    expect(stopped).toBe('another session waited for a lock of the trial')
    expect(measured[0]?.ratio).toBeUndefined()
  })

  test('holds its locks no longer than it may', async () => {
    await using ground = await groundOf({holdMs: 50})
    // On a busy machine it may be given up while it is still being built.
    await ground.build(DESIGNS.roomSent)
    await expect.poll(locks, WITHIN_5_S).toBe(0)
    expect(ground.stopped.reason).toBe('its locks were held for 0.05 s')
  })

  test('does not wait for a lock of somebody else', async () => {
    await using ground = await groundOf({lockTimeoutMs: 20})
    await admin.run('BEGIN; LOCK TABLE message IN ROW EXCLUSIVE MODE')
    const refused = await ground.build(DESIGNS.author)
    await admin.run('ROLLBACK')
    expect(refused).toMatchObject({reason: 'canceling statement due to lock timeout'})
    expect(isBuilt(await ground.build(DESIGNS.author))).toBe(true)
  })

  test('leaves tables alone that are too large or being written to', async () => {
    await using large = await groundOf({mostBytes: 1000})
    expect(await large.build(DESIGNS.author)).toMatchObject({
      reason: expect.stringMatching(/^"message" has .* only up to/) as string,
    })
    const writing = groundOf({quietMs: 300})
    await CLOCK.sleep(50)
    await admin.run(`UPDATE message SET rare = rare WHERE id = 2; SELECT pg_stat_force_next_flush()`)
    await admin.run('SELECT 1')
    await using busy = await writing
    expect(await busy.build(DESIGNS.author)).toMatchObject({
      // What an earlier test wrote may be told as late as now.
      reason: expect.stringMatching(/^"message" is in use: \d+ rows were written within 0.3 s$/) as string,
    })
  })
})

describe('is honest', () => {
  test('of an index that its own transaction may not use', async () => {
    await admin.run(
      'CREATE TABLE hot (id int PRIMARY KEY, v int) WITH (fillfactor = 50); ALTER TABLE hot OWNER TO practice',
    )
    await admin.run('INSERT INTO hot SELECT g, g FROM generate_series(1, 100) g')
    await watcher.run('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM hot')
    await admin.run('UPDATE hot SET v = v + 1')
    const other = await sessionOn(postgres.url)
    await using ground = await rolledBackGround(session, {watcher: other, clock: CLOCK, limits: {quietMs: 10}})
    const refused = await ground.build(design(['v'], {table: 'hot'}))
    await watcher.run('COMMIT')
    await other.end()
    expect(refused).toMatchObject({reason: expect.stringContaining('try again after VACUUM') as string})
  })

  test('shows again what was taken away, and survives a query that fails', async () => {
    await using ground = await groundOf()
    const one = await standing(ground)
    const two = await ground.build(DESIGNS.author)
    if (!isBuilt(two)) throw new Error(two.reason)
    const indexes = async () => (await ground.reads(() => explain(session, history, ['7']))).indexes
    await ground.see([two])
    expect(await indexes()).toEqual([])
    await expect(ground.reads(() => session.ask('SELECT 1 / 0'))).rejects.toThrow('division by zero')
    await expect(ground.reads(() => session.ask('DELETE FROM message'))).rejects.toThrow('read-only')
    await ground.see([one])
    expect(await indexes()).toEqual([one.name])
    await ground.see([])
    expect(await indexes()).toEqual([])
  })
})

describe('in the planner’s mind only', () => {
  // HypoPG is not among the embedded extensions: its four functions, as its manual describes them, on real indexes.
  const STAND_IN = `
    CREATE FUNCTION hypopg_create_index(sql text, OUT indexrelid oid, OUT indexname text) LANGUAGE plpgsql AS $$
      DECLARE name text := 'hypo_' || (SELECT count(*) FROM hypo_log);
      BEGIN
        INSERT INTO hypo_log VALUES (name);
        EXECUTE regexp_replace(sql, '^CREATE INDEX \\S+', 'CREATE INDEX ' || name);
        indexrelid := name::regclass; indexname := name;
      END $$;
    CREATE FUNCTION hypopg_drop_index(oid) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN EXECUTE 'DROP INDEX ' || $1::regclass; RETURN true; END $$;
    CREATE FUNCTION hypopg_relation_size(oid) RETURNS bigint LANGUAGE sql AS 'SELECT pg_relation_size($1)';
    CREATE FUNCTION hypopg_reset() RETURNS void LANGUAGE plpgsql AS $$ DECLARE i record; BEGIN
      FOR i IN SELECT c.relname FROM pg_class c JOIN hypo_log l ON l.name = c.relname LOOP EXECUTE 'DROP INDEX ' || i.relname; END LOOP; END $$;
    CREATE TABLE hypo_log (name text)`

  test('imagines what can be imagined, tells what cannot, and forgets all in the end', async () => {
    expect(await hypoPgOf(session)).toBeUndefined()
    await session.run(STAND_IN)
    const [{schema} = {schema: ''}] = await session.ask<{schema: string}>('SELECT current_schema() AS schema')
    {
      await using ground = hypotheticalGround(session, schema)
      expect(await ground.build(DESIGNS.words)).toMatchObject({reason: expect.stringContaining('gin') as string})
      const built = await ground.build(DESIGNS.roomSent)
      if (!isBuilt(built)) throw new Error(built.reason)
      expect(built.bytes).toBeGreaterThan(0)
      const indexes = async () => (await explain(session, history, ['7'])).indexes
      for (const visible of [[built], [], [built]]) {
        await ground.see(visible)
        // Each time it comes back it has another name.
        expect(await indexes()).toEqual(visible.map(({names}) => names.at(-1)))
      }
      const choice = await choose(ground, {
        queries: [history, query('absent', 'SELECT * FROM nowhere')],
        candidates: [candidate(DESIGNS.roomSent, ['history']), candidate(DESIGNS.words, ['absent'])],
        times: new Map(),
        slowMs: 10,
        signal: new AbortController().signal,
      })
      expect(choice.chosen).toMatchObject([{serves: ['history']}])
      expect(choice.notTried).toHaveLength(1)
      expect(choice.before.has('absent')).toBe(false)
    }
    expect(await session.ask(`SELECT relname FROM pg_class WHERE relname LIKE 'hypo\\_%' AND relkind = 'i'`)).toEqual(
      [],
    )
    await session.run('DROP TABLE hypo_log')
  })
})
