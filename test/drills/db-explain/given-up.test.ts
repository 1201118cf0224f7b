/** A query that nobody can wait for is the one that needs advice most: planned where it cannot be run, and proven with what it is known to take. */
import {afterAll, beforeAll, expect, it} from 'vitest'
import {Client} from 'pg'
import {ddlToApply} from '../../../src/lib/drills/db-explain/findings.js'
import {dbExplain} from '../../../src/lib/drills/db-explain/index.js'
import type {DbExplainInput} from '../../../src/lib/drills/db-explain/input.js'
import {startPostgres, type PostgresService} from '../../../src/lib/targets/embedded/postgres.js'
import type {Target} from '../../../src/lib/targets/target.js'
import {driven} from '../driven.js'
import {littleDbExplain} from './input.js'

/** 100 million rows are looked at without an index, and 30,000 with one. The second query is quick with one of its values. */
const QUERIES = `
-- name: sociable
SELECT count(*) FROM post p WHERE (SELECT count(*) FROM post o WHERE o.author = p.author) > 2;
-- name: pairs
-- params: 10000
-- params: 1
SELECT count(*) FROM post p, post o WHERE p.id <= $1 AND o.id <= $1 AND (p.id + o.id) % 7 = 3;
-- name: by-key
SELECT author FROM post WHERE id = 7`

const POSTS = `
  CREATE TABLE post (id int PRIMARY KEY, author int NOT NULL);
  INSERT INTO post SELECT g, g % 3400 FROM generate_series(1, 10000) g;
  VACUUM (ANALYZE) post`

let service: PostgresService
let target: Target

beforeAll(async () => {
  service = await startPostgres({settings: {autovacuum: 'off'}})
  const owner = new Client(service.url)
  await owner.connect()
  for (const sql of POSTS.split(';')) await owner.query(sql)
  await owner.end()
  const {profile} = await littleDbExplain()
  const tls = {insecure: false}
  target = {kind: 'external', description: 'posts', urls: [service.url], profile, headers: {}, tls, allowed: []}
}, 60_000)

afterAll(() => service[Symbol.asyncDispose]())

async function lookedAt(changes: Partial<DbExplainInput>) {
  const input = await littleDbExplain({
    source: {kind: 'file', file: 'queries.sql', text: QUERIES},
    statementTimeoutMs: 500,
    targets: [service.url],
    ...changes,
  })
  const plan = dbExplain.plan(input)
  // Whatever a busy machine does, so many pairs are enough.
  const measure = {...plan.measure, pairs: 6, halfWidth: 1}
  const lab = {url: service.url, adminUrl: service.adminUrl, queries: ''}
  return await driven(dbExplain, {...plan, measure}, {target, ...(changes.level === 'practice' && {lab})})
}

const sentence = (line: readonly {readonly text: string}[]) => line.map(({text}) => text).join('')

it('it is advised on by its estimated plan where is only read', async () => {
  const {facts, findings} = await lookedAt({level: 'read'})
  const [sociable, pairs, byKey] = facts.looks
  expect(sociable).toMatchObject({slow: true, query: {givenUpMs: expect.any(Number) as number}})
  expect(sociable?.plans.map(({executionMs}) => executionMs)).toEqual([undefined])
  expect(pairs).toMatchObject({slow: true, query: {givenUpMs: expect.any(Number) as number}})
  expect(pairs?.plans).toHaveLength(2)
  expect(byKey?.query.givenUpMs).toBeUndefined()
  expect(facts.refused).toEqual([])
  expect(ddlToApply(facts).map(({ddl}) => ddl)).toEqual([
    expect.stringMatching(/ON public\.post \(author\)$/) as string,
  ])
  expect(facts.exhibits?.find(({group}) => group === 'sociable')?.title).toMatch(/^now, more than .* \(planned only\)$/)
  expect(findings.find(({metric}) => metric === 'slow_queries')).toMatchObject({verdict: 'fail', observed: 2})
  expect(findings.find(({metric}) => metric === 'query_error_rate')).toMatchObject({verdict: 'pass'})
})

it('it is proven by what it takes with an index against what it was given without', async () => {
  const {facts, findings} = await lookedAt({level: 'practice', statementTimeoutMs: 250, measureMs: 30_000})
  const measured = facts.proof?.measured.find(({query}) => query === 'sociable')
  expect(measured?.timeouts.before).toBeGreaterThan(0)
  expect(measured?.timeouts.after).toBe(0)
  expect(measured?.uses).toHaveLength(1)
  expect(facts.proof?.plansAfter.get('sociable')?.executionMs).toBeDefined()
  // No index helps it, so that it is planned as before, and not waited for.
  expect(facts.proof?.plansAfter.get('pairs')?.executionMs).toBeUndefined()
  const saved = findings.filter(({metric}) => metric === 'query_speedup')
  expect(saved.find(({tags}) => tags['query'] === 'sociable')).toMatchObject({verdict: 'pass', why: undefined})
  expect(findings.find(({metric}) => metric === 'query_error_rate')).toMatchObject({verdict: 'pass'})
})

const lines = (facts: {
  readonly exhibits?: readonly {readonly lines: readonly (readonly {readonly text: string}[])[]}[]
}) => (facts.exhibits ?? []).flatMap((exhibit) => exhibit.lines.map(sentence))

it('it stays refused where it was given up before it could have been slow', async () => {
  const {facts} = await lookedAt({level: 'read', slowMs: 60_000})
  expect(facts.refused.map(({name, reason}) => `${name}: ${reason}`)).toEqual([
    'sociable: it takes longer than --statement-timeout',
    'pairs: it takes longer than --statement-timeout',
  ])
  expect(lines(facts).join('\n')).not.toContain('planned only')
})
