import {afterAll, beforeAll, expect, it} from 'vitest'
import {seededRandom} from '../../../../src/lib/base/random.js'
import {bindParameters} from '../../../../src/lib/drills/db-explain/statements/bind-parameters.js'
import {guard} from '../../../../src/lib/drills/db-explain/statements/guard.js'
import {readTopStatements} from '../../../../src/lib/drills/db-explain/statements/read-top-statements.js'
import type {Session} from '../../../../src/lib/protocols/postgres/session.js'
import {startPostgres, type PostgresService} from '../../../../src/lib/targets/embedded/postgres.js'
import {SCHEMA, sessionAt} from './scene.js'

let loaded: PostgresService
let admin: Session
let practice: Session

beforeAll(async () => {
  loaded = await startPostgres({
    settings: {shared_preload_libraries: 'pg_stat_statements', 'pg_stat_statements.track': 'all'},
  })
  admin = await sessionAt(loaded.adminUrl)
  practice = await sessionAt(loaded.url)
  await practice.run(SCHEMA)
})

afterAll(async () => {
  await Promise.all([admin.end(), practice.end()])
  await loaded[Symbol.asyncDispose]()
})

it('asks for the extension where it is not installed', async () => {
  await expect(readTopStatements(practice, 5)).rejects.toMatchObject({
    exitCode: 69,
    message: 'the extension pg_stat_statements is not installed in this database',
  })
})

it('asks for the library where the server does not load it', async () => {
  await using plain = await startPostgres()
  const session = await sessionAt(plain.adminUrl)
  await session.run('CREATE EXTENSION pg_stat_statements')
  await expect(readTopStatements(session, 5)).rejects.toMatchObject({
    exitCode: 69,
    message: 'pg_stat_statements is installed, but the server does not load it',
  })
  await session.end()
})

it('reads the most expensive SELECTs of the database with calls and mean, wherever the extension is', async () => {
  await admin.run(
    'CREATE SCHEMA "Exten sions"; CREATE EXTENSION pg_stat_statements SCHEMA "Exten sions"; GRANT USAGE ON SCHEMA "Exten sions" TO public',
  )
  await practice.run(
    `CREATE FUNCTION inside() RETURNS bigint STABLE LANGUAGE plpgsql AS 'BEGIN RETURN (SELECT count(*) FROM messages, rooms); END'`,
  )
  await admin.run('SELECT "Exten sions".pg_stat_statements_reset()')
  for (let room = 1; room <= 5; room++) {
    await practice.run(
      `SELECT id, pg_typeof(body) FROM messages WHERE room_id = ${room} AND created_at > now() - interval '1000 days' ORDER BY created_at LIMIT 20`,
    )
  }
  await admin.run(
    `SELECT id, pg_typeof(body) FROM messages WHERE room_id = 6 AND created_at > now() - interval '9 days' ORDER BY created_at LIMIT 10`,
  )
  await practice.run(`SELECT id FROM messages WHERE data ->> 'kind' = 'image'`)
  await practice.run('UPDATE rooms SET kind = kind WHERE id = 5')
  await practice.run('SELECT inside() FROM rooms LIMIT 1')
  const {statements, skipped} = await readTopStatements(admin, 10)
  const page = statements.find(({sql}) => sql.includes('pg_typeof'))
  expect(page).toMatchObject({calls: 6, place: undefined, given: []})
  expect(page?.sql).toBe(
    'SELECT id, pg_typeof(body) FROM messages WHERE room_id = $1 AND created_at > now() - CAST($2 AS interval) ORDER BY created_at LIMIT $3',
  )
  expect(page?.meanMs).toBeGreaterThan(0)
  expect(statements.some(({sql}) => sql.includes('count(*) FROM messages, rooms'))).toBe(false)
  const workload = await guard({statements, skipped}, admin)
  expect(workload.skipped).toContainEqual(expect.objectContaining({reason: 'it is an UPDATE'}))
  for (const query of workload.queries.filter(({sql}) => sql.includes('FROM messages'))) {
    expect(await bindParameters(query, admin, seededRandom('a'))).toHaveProperty('bindings')
  }
})

it('leaves out what proofload itself asked', async () => {
  const {statements} = await readTopStatements(admin, 50)
  expect(statements.filter(({sql}) => sql.includes('proofload'))).toEqual([])
})

it('says what it may not read, and whom to ask', async () => {
  const {statements, skipped} = await readTopStatements(practice, 50)
  expect(statements.length).toBeGreaterThan(0)
  expect(skipped).toContainEqual(expect.objectContaining({name: 'other-users'}))
  await admin.run("CREATE ROLE newcomer LOGIN PASSWORD 'newcomer'")
  const url = new URL(loaded.url)
  ;[url.username, url.password] = ['newcomer', 'newcomer']
  const newcomer = await sessionAt(url.href)
  await expect(readTopStatements(newcomer, 1)).rejects.toMatchObject({
    message: 'pg_stat_statements shows no texts to this role',
    hint: 'GRANT pg_read_all_stats TO the role that proofload connects as',
  })
  await admin.run('REVOKE ALL ON "Exten sions".pg_stat_statements FROM public')
  await expect(readTopStatements(newcomer, 1)).rejects.toMatchObject({
    exitCode: 69,
    message: 'this role may not read pg_stat_statements',
  })
  await newcomer.end()
})
