import pg from 'pg'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {parseDefect} from '../../../../src/lib/targets/practice/defects/parse-defect.js'
import {startPracticeDatabase, type PracticeDatabase} from '../../../../src/lib/targets/practice/database/database.js'
import {statementsIn} from '../../../../src/lib/targets/practice/database/warm-statements.js'

const ROWS = 10_000
const DEFECTS = ['redundant-indexes=2', 'needs-vacuum=30%', 'n-plus-one=12', 'failing-query', 'small-cache=1MiB']

let good: PracticeDatabase
let bad: PracticeDatabase
let owner: pg.Client
let ownerOfBad: pg.Client

beforeAll(async () => {
  ;[good, bad] = await Promise.all([
    startPracticeDatabase({rows: ROWS, seed: 'one'}),
    startPracticeDatabase({rows: ROWS, seed: 'one', defects: [...DEFECTS, 'slow-inserts=20ms'].map(parseDefect)}),
  ])
  ;[owner, ownerOfBad] = [new pg.Client(good.target.urls[0]), new pg.Client(bad.target.urls[0])]
  await Promise.all([owner.connect(), ownerOfBad.connect()])
}, 60_000)

afterAll(async () => {
  await Promise.all([owner.end(), ownerOfBad.end()])
  await Promise.all([good[Symbol.asyncDispose](), bad[Symbol.asyncDispose]()])
})

async function rowsOf<Row extends object>(client: pg.Client, sql: string): Promise<readonly Row[]> {
  return (await client.query<Row>(sql)).rows
}

async function valueOf(client: pg.Client, sql: string): Promise<unknown> {
  const [row] = await rowsOf<{value: unknown}>(client, `SELECT (${sql}) AS value`)
  return row?.value
}

const DIGEST = `SELECT md5(string_agg(concat_ws(',', id, room_id, author_id, reply_to, body, metadata), ';' ORDER BY id)) FROM messages`

describe('the practice database', () => {
  it('has as many messages as were asked for, and the rest in proportion', async () => {
    expect(await valueOf(owner, 'SELECT count(*)::int FROM messages')).toBe(ROWS)
    expect(await valueOf(owner, 'SELECT count(*)::int FROM users')).toBe(ROWS / 10)
  })

  it('is the same for the same seed', async () => {
    expect(await valueOf(owner, DIGEST)).toBe(await valueOf(ownerOfBad, DIGEST))
  })

  it('lets one room be much louder than most', async () => {
    const shares = await rowsOf<{share: number}>(
      owner,
      `SELECT count(*)::float8 / ${ROWS} AS share FROM messages GROUP BY room_id ORDER BY 1 DESC`,
    )
    expect(shares[0]?.share).toBeGreaterThan(0.1)
    expect(shares.at(-1)?.share).toBeLessThan(0.01)
  })

  it('appends in the order of time, so that the planner knows', async () => {
    const of = (table: string, column: string) =>
      valueOf(owner, `SELECT correlation FROM pg_stats WHERE tablename = '${table}' AND attname = '${column}'`)
    expect(await of('messages', 'created_at')).toBeGreaterThan(0.99)
    expect(await of('events', 'happened_at')).toBeGreaterThan(0.99)
  })

  it('lets only members of a room speak there', async () => {
    const strangers = `SELECT count(*)::int FROM messages
      WHERE NOT EXISTS (SELECT FROM members WHERE members.room_id = messages.room_id AND members.user_id = messages.author_id)`
    expect(await valueOf(owner, strangers)).toBe(0)
  })

  it('has no index but the primary keys', async () => {
    expect(
      await valueOf(
        owner,
        `SELECT count(*)::int FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
      WHERE c.relnamespace = 'public'::regnamespace AND NOT i.indisprimary`,
      ),
    ).toBe(0)
    expect(
      await valueOf(
        owner,
        `SELECT count(*)::int FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
      WHERE c.relnamespace = 'public'::regnamespace AND i.indisprimary`,
      ),
    ).toBe(7)
  })

  it('is vacuumed and analysed, and belongs to no superuser', async () => {
    const raw = `SELECT count(*)::int FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
      AND (relallvisible < relpages OR reltuples < 1)`
    expect(await valueOf(owner, raw)).toBe(0)
    expect(await valueOf(owner, 'SELECT rolsuper FROM pg_roles WHERE rolname = current_user')).toBe(false)
  })

  it('has counted each query of its workload, as it stands there', async () => {
    const counted = await rowsOf<{query: string; calls: number}>(
      owner,
      'SELECT query, calls::int FROM pg_stat_statements WHERE toplevel',
    )
    const texts = counted.map(({query}) => query.replaceAll(/'[^']*'|\$\d+|\b\d+\b/g, '?'))
    for (const statement of statementsIn(good.queries))
      expect(texts).toContain(statement.replaceAll(/'[^']*'|\$\d+|\b\d+\b/g, '?'))
  })

  it('has a name and a number of calls for each query', () => {
    const names = [...good.queries.matchAll(/^-- name: (\S+)\n-- calls: \d+$/gm)].map(([, name]) => name)
    expect(names).toHaveLength(statementsIn(good.queries).length)
    expect(new Set(names).size).toBe(names.length)
  })

  it('tells when Postgres ends by itself', async () => {
    const other = await startPracticeDatabase({rows: 1000, seed: 'two'})
    const lost = new Promise((resolve) => other.onLoss(resolve))
    const admin = new pg.Client(other.adminUrl)
    admin.on('error', () => undefined)
    await admin.connect()
    const {rows} = await admin.query<{pid: number}>(
      `SELECT pid FROM pg_stat_activity WHERE application_name = 'proofload' AND pid <> pg_backend_pid()`,
    )
    for (const {pid} of rows) await admin.query('SELECT pg_terminate_backend($1)', [pid])
    expect(await lost).toMatchObject({part: 'the practice database', again: false})
    await admin.end()
    await other[Symbol.asyncDispose]()
  })
})

describe('the defects of the practice database', () => {
  it('give it indexes that do nothing another one does not', async () => {
    expect(
      await valueOf(ownerOfBad, `SELECT count(*)::int FROM pg_indexes WHERE indexname LIKE 'members_user_%'`),
    ).toBe(2)
  })

  it('leave dead rows', async () => {
    // What one statement has edited was edited at one moment.
    const edited = 'SELECT count(*)::int FROM messages WHERE edited_at IS NOT NULL GROUP BY edited_at'
    expect(await valueOf(ownerOfBad, `${edited} ORDER BY 1 DESC LIMIT 1`)).toBe(ROWS * 0.3)
  })

  it('ask for the rows of a list one by one', async () => {
    const [one] = await rowsOf<{calls: number}>(
      ownerOfBad,
      `SELECT calls::int FROM pg_stat_statements WHERE query LIKE '%FROM users WHERE id = $1'`,
    )
    expect(one).toEqual({calls: 12})
    expect(bad.traffic).toHaveLength(13)
  })

  it('add a query that fails', async () => {
    const failing = statementsIn(bad.queries).at(-1) ?? ''
    expect(statementsIn(good.queries)).not.toContain(failing)
    await expect(ownerOfBad.query(failing)).rejects.toThrow('division by zero')
  })

  it('leave the server few buffers', async () => {
    expect(await valueOf(ownerOfBad, `current_setting('shared_buffers')`)).toBe('1MB')
  })

  it('hold up what is inserted, in every table', async () => {
    expect(await valueOf(ownerOfBad, `SELECT count(*)::int FROM pg_trigger WHERE tgname = 'take_time'`)).toBe(7)
  })
})
