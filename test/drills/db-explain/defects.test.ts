/** The practice database through the whole drill: no alarm where there is no defect, and for each defect its own finding. */
import {describe, expect, it} from 'vitest'
import {ddlOf} from '../../../src/lib/drills/db-explain/advice/ddl.js'
import {dbExplain} from '../../../src/lib/drills/db-explain/index.js'
import type {DbExplainInput} from '../../../src/lib/drills/db-explain/input.js'
import {startPracticeDatabase} from '../../../src/lib/targets/practice/database/database.js'
import {DATABASE_DEFECTS} from '../../../src/lib/targets/practice/defects/database-defects.js'
import {parseDefect} from '../../../src/lib/targets/practice/defects/parse-defect.js'
import {driven} from '../driven.js'
import {littleDbExplain} from './input.js'

interface Scene {
  readonly defects: readonly string[]
  readonly changes: Partial<DbExplainInput> & Pick<DbExplainInput, 'rows'>
  /** Of the workload; all of it where nothing is said. */
  readonly queries?: readonly string[]
  readonly thresholds: readonly string[]
}

async function lookedAt({defects, changes, queries, thresholds}: Scene) {
  await using database = await startPracticeDatabase({
    rows: changes.rows,
    seed: 'little',
    defects: defects.map(parseDefect),
    redis: 'fallback',
  })
  const {target, adminUrl, redisUrl, traffic} = database
  const url = target.urls[0] ?? ''
  const lab = {url, adminUrl, redisUrl, traffic, queries: only(database.queries, queries)}
  return await driven(dbExplain, dbExplain.plan(await littleDbExplain(changes)), {target, lab, thresholds})
}

function only(workload: string, names: readonly string[] | undefined): string {
  if (names === undefined) return workload
  const [, ...each] = workload.split(/^-- name: /m)
  return names.map((name) => `-- name: ${each.find((one) => one.startsWith(`${name}\n`)) ?? name}`).join('\n')
}

/** How fast a shared machine is says nothing of the database. */
const UNHURRIED = ['p95(insert_latency) < 10s', 'p95(redis_set_lookup) < 10s']
const ANY_GAIN = ['query_speedup{query=*} >= 0%', 'workload_speedup >= 0%']

const MANIFOLD = 5

describe('without a defect', () => {
  it('raises no alarm, proves every index that it advises, and changes no answer', async () => {
    const {findings, facts} = await lookedAt({
      defects: [],
      changes: {
        rows: 60_000,
        slowMs: 2.5,
        measureMs: 20_000,
        checks: ['cache-hit', 'cache', 'n-plus-one', 'unused', 'inserts', 'maintenance'],
      },
      thresholds: UNHURRIED,
    })
    // That so many indexes cost inserts is no false alarm; that they cost a multiple would be one.
    const red = findings.filter(({verdict, metric}) => verdict === 'fail' && metric !== 'insert_slowdown')
    expect(red.map(({threshold, observed}) => [threshold, observed])).toEqual([])
    const passed = findings.filter(({verdict}) => verdict === 'pass').map(({metric}) => metric)
    const counted = ['results_changed', 'regressed_queries', 'query_error_rate']
    const checked = ['cache_hit_ratio', 'stale_reads', 'n_plus_one', 'redundant_indexes', 'tables_need_vacuum']
    expect(passed).toEqual(expect.arrayContaining([...counted, ...checked, 'insert_latency', 'workload_speedup']))
    const {choice, measured = [], plansAfter, charges = []} = facts.proof ?? {}
    expect(charges.filter(({insert}) => insert === undefined || insert.ratio > MANIFOLD)).toEqual([])
    expect(choice?.chosen.map(({candidate}) => ddlOf(candidate.design))).toContainEqual(
      expect.stringContaining('room_id') as string,
    )
    const used = new Set(measured.flatMap(({uses}) => uses))
    expect(choice?.chosen.filter(({built}) => !used.has(built.name))).toEqual([])
    expect(measured.map(({query}) => query)).toEqual(facts.looks.map(({query}) => query.name))
    expect([...(plansAfter?.keys() ?? [])]).toEqual(facts.looks.flatMap(({slow, query}) => (slow ? query.name : [])))
    expect(facts.skipped).toEqual([])
  }, 120_000)
})

type Name = keyof typeof DATABASE_DEFECTS

interface Row {
  readonly severity: string
  readonly changes?: Partial<DbExplainInput>
  readonly queries: readonly string[]
  /** What breaks with it, as a consequence. */
  readonly besides?: readonly string[]
}

/** A check has nothing to do with what is slow. */
const ONLY = {slowMs: 60_000, measureMs: 200}
const FEW = ['room-history', 'message']

const ROWS: Readonly<Record<Name, Row>> = {
  'small-cache': {severity: '1MiB', changes: {...ONLY, checks: ['cache-hit']}, queries: [...FEW, 'events-of-a-day']},
  'slow-inserts': {severity: '60ms', changes: {...ONLY, checks: ['inserts']}, queries: FEW},
  'unstable-order': {severity: '1', queries: ['some-of-first-room', ...FEW]},
  'trap-statistics': {
    severity: '1',
    queries: ['newest-everywhere', 'edited-before-sent', ...FEW],
    besides: ['query_speedup', 'workload_speedup'],
  },
  'failing-query': {severity: '1', queries: ['share-of-quota', ...FEW]},
  'no-gain': {severity: '50000', queries: ['length-of-all', ...FEW]},
  'write-heavy': {severity: '1', queries: ['audit-search', ...FEW]},
  'redundant-indexes': {severity: '1', changes: {...ONLY, checks: ['unused']}, queries: FEW},
  'needs-vacuum': {
    severity: '25%',
    changes: {...ONLY, checks: ['maintenance']},
    queries: FEW,
    besides: ['tables_need_analyze'],
  },
  'n-plus-one': {severity: '10', changes: {...ONLY, checks: ['n-plus-one']}, queries: FEW},
  'stale-cache': {severity: '50%', changes: {...ONLY, checks: ['cache']}, queries: FEW},
}

describe('with a defect', () => {
  for (const [name, {severity, changes, queries, besides = []}] of Object.entries(ROWS) as [Name, Row][]) {
    const {finding} = DATABASE_DEFECTS[name]
    it(`${name}=${severity} turns ${finding} red, and nothing else`, async () => {
      const eased = [...UNHURRIED, ...ANY_GAIN].filter((threshold) => !threshold.includes(finding))
      const {failed, facts} = await lookedAt({
        defects: [`${name}=${severity}`],
        changes: {rows: 20_000, slowMs: 0.8, measureMs: 10_000, ...changes},
        queries,
        thresholds: eased,
      })
      expect(failed).toContain(finding)
      const expected = [finding, 'insert_slowdown', ...besides]
      expect(failed.filter((metric) => !expected.includes(metric))).toEqual([])
      if (finding !== 'insert_slowdown') return
      const ratios = facts.proof?.charges.map(({insert}) => insert?.ratio ?? 0) ?? []
      expect(Math.max(...ratios)).toBeGreaterThan(MANIFOLD)
    }, 60_000)
  }
})
