/** What a run brought home becomes rows that pass, fail, or stay open. */
import {describe, expect, it, test} from 'vitest'
import {check} from '../../../src/lib/drills/db-explain/check.js'
import type {DbExplainFacts} from '../../../src/lib/drills/db-explain/facts.js'
import {dbExplain} from '../../../src/lib/drills/db-explain/index.js'
import type {WriteCharge} from '../../../src/lib/drills/db-explain/trial/charge-writes.js'
import type {Finding} from '../../../src/lib/verdict/finding.js'
import {judge} from '../../../src/lib/verdict/judge.js'
import {verdictOf} from '../../../src/lib/verdict/verdict.js'
import {mergeThresholds} from '../../../src/lib/verdict/threshold-check.js'
import {
  advice,
  between,
  candidate,
  choice,
  chosen,
  factsOf,
  givenUpLook,
  look,
  measured,
  proof,
  rejected,
} from './facts.js'
import {littleDbExplain} from './input.js'

const plan = dbExplain.plan(await littleDbExplain())

function findingsOf(changes: Partial<DbExplainFacts>, thresholds: readonly string[] = []): readonly Finding[] {
  const facts = factsOf(changes)
  return judge(mergeThresholds([...plan.thresholds], [...thresholds]), check(plan, facts), facts.phases)
}

function rowsOf(metric: string, changes: Partial<DbExplainFacts>, thresholds: readonly string[] = []) {
  const rows = findingsOf(changes, thresholds).filter((one) => one.metric === metric)
  return rows.map(({verdict, tags, observed, why}) => ({verdict, query: tags['query'], observed, why}))
}

function valueOf(metric: string, changes: Partial<DbExplainFacts>): number | undefined {
  return rowsOf(metric, changes, [`${metric} == 0`])[0]?.observed
}

/** One slow query that an index serves, measured as told. */
const served = (one: ReturnType<typeof measured>): Partial<DbExplainFacts> => ({
  looks: [look('a')],
  advice: [advice('a', {candidates: [candidate('x', ['a'])]})],
  proof: proof({choice: choice({chosen: [chosen('x', ['a'])]}), measured: [one]}),
})

describe('a slow query that an index serves', () => {
  test.each([
    ['passes where even the least of its interval is enough', between(0.4, 0.35, 0.48), 'pass', 0.6],
    ['is open where only its middle is enough', between(0.45, 0.35, 0.55), 'inconclusive', 0.55],
    ['fails where its whole interval is too little', between(0.7, 0.65, 0.75), 'fail', 0.3],
    ['fails where it got slower', between(1.5, 1.4, 1.6), 'fail', -0.5],
  ] as const)('%s', (_, ratio, verdict, saving) => {
    const [row, ...more] = rowsOf('query_speedup', served(measured('a', ratio.ratio?.ratio ?? 0, ratio)))
    expect(more).toEqual([])
    expect(row).toMatchObject({verdict, query: 'a'})
    expect(row?.observed).toBeCloseTo(saving)
  })

  it('is open, with the reason, where it was not measured to the end', () => {
    const [row] = rowsOf('query_speedup', served({...measured('a', 0.1), ratio: undefined, ended: 'interrupted'}))
    expect(row).toMatchObject({verdict: 'inconclusive', query: 'a', why: 'it could not be measured (interrupted)'})
  })

  it('is counted where its plan uses the index, and only there', () => {
    expect(valueOf('plans_using_index', served(measured('a', 0.1, {uses: ['x']})))).toBe(1)
    expect(valueOf('plans_using_index', served(measured('a', 0.1)))).toBe(0)
  })
})

describe('a slow query that no index serves', () => {
  const none = (own: Parameters<typeof advice>[1], taken = choice()): Partial<DbExplainFacts> => ({
    looks: [look('a'), look('b')],
    advice: [advice('a', own), advice('b', {candidates: [candidate('x', ['b'])]})],
    proof: proof({
      choice: {...taken, chosen: [chosen('x', ['b'])]},
      measured: [measured('a', 1, {samePlan: true}), measured('b', 0.1)],
    }),
  })
  const queriesOf = (facts: Partial<DbExplainFacts>) => rowsOf('query_speedup', facts).map(({query}) => query)

  it('is open where it is not known why', () => {
    const [row] = rowsOf('query_speedup', none({}))
    expect(row).toMatchObject({verdict: 'inconclusive', query: 'a'})
    expect(row?.why).toContain('not known why')
    expect(valueOf('unindexable_queries', none({}))).toBe(1)
  })

  it('leaves the workload open where nothing could be tried', () => {
    const notTried = [{...candidate('x', ['a', 'b']), reason: 'must be owner of table messages'}]
    const facts = none({})
    const open = {...facts, proof: proof({choice: choice({notTried}), measured: [measured('a', 1), measured('b', 1)]})}
    for (const metric of ['query_speedup', 'workload_speedup'] as const) {
      const [row] = rowsOf(metric, open)
      expect(row?.verdict).toBe('inconclusive')
      expect(row?.why).toContain('must be owner of table messages')
    }
  })

  it('has no row where it was shown why, and counts all the same', () => {
    const facts = none({why: ['it reads every row']})
    expect(queriesOf(facts)).toEqual(['b'])
    expect(valueOf('unindexable_queries', facts)).toBe(1)
    // Half of the time stays, and a tenth of the other half.
    const [workload] = rowsOf('workload_speedup', facts)
    expect(workload?.observed).toBeCloseTo(0.45)
    expect(workload?.verdict).toBe('fail')
  })

  it('has no row where all candidates were tried in vain', () => {
    const facts = none(
      {candidates: [candidate('y', ['a'])]},
      choice({rejected: [rejected('y', ['a'], 'no plan uses it')]}),
    )
    expect(queriesOf(facts)).toEqual(['b'])
  })

  it('is open where one of its candidates could not be tried', () => {
    const {design} = candidate('z', ['a'])
    const facts = none(
      {candidates: [candidate('y', ['a']), candidate('z', ['a'])]},
      choice({
        rejected: [rejected('y', ['a'], 'no plan uses it')],
        notTried: [{design, serves: ['a'], reason: 'it timed out'}],
      }),
    )
    expect(queriesOf(facts)).toEqual(['a', 'b'])
  })
})

describe('a workload', () => {
  it('weighs its queries by their calls, with those that are not slow', () => {
    const of = (calls: number) => ({
      ...served(measured('a', 0.1)),
      looks: [look('a', {calls}), look('b', {slow: false, calls: 1})],
      proof: proof({
        choice: choice({chosen: [chosen('x', ['a'])]}),
        measured: [measured('a', 0.1), measured('b', 1, {samePlan: true})],
      }),
    })
    expect(rowsOf('workload_speedup', of(9))[0]).toMatchObject({verdict: 'pass'})
    expect(rowsOf('workload_speedup', of(9))[0]?.observed).toBeCloseTo(0.81)
    expect(rowsOf('workload_speedup', of(0.1))[0]).toMatchObject({verdict: 'fail'})
  })

  const quick = {looks: [look('a', {slow: false})], proof: proof({measured: [measured('a', 1, {samePlan: true})]})}
  const skipped = [{name: 's', sql: 'DELETE FROM a', place: undefined, reason: 'it is a DELETE'}]
  const SPEEDUPS = ['query_speedup', 'workload_speedup']

  it('keeps every promise where nothing in it is slow, and says that there was nothing to prove', () => {
    const findings = findingsOf(quick)
    expect(verdictOf(findings)).toBe('pass')
    const without = findings.filter(({observed}) => observed === undefined)
    expect(without.map(({metric}) => metric)).toEqual(SPEEDUPS)
    for (const {why} of without) expect(why).toBe('no query is slow: there is nothing to prove')
  })

  test.each([
    ['not all of it was looked at', {...quick, skipped}, '1 was skipped'],
    ['a query of it was refused', {...quick, skipped, refused: skipped}, '1 was skipped'],
    ['it is empty', {...quick, looks: []}, 'no query was looked at'],
  ])('is open where nothing in it is slow, but %s', (_, facts, why) => {
    const rows = findingsOf(facts).filter(({metric}) => SPEEDUPS.includes(metric))
    expect(rows.map(({verdict}) => verdict)).toEqual(['inconclusive', 'inconclusive'])
    for (const row of rows) expect(row.why).toContain(why)
  })

  it('is open where nothing in it is slow and nothing was measured', () => {
    const rows = findingsOf({...quick, proof: proof()}).filter(({metric}) => SPEEDUPS.includes(metric))
    expect(rows.map(({verdict}) => verdict)).toEqual(['inconclusive', 'inconclusive'])
  })

  test.each([
    'query_speedup{query=a} >= 10%',
    'max(query_speedup) >= 10%',
    'mean(workload_speedup) >= 10%',
    'hot_updates_lost < 10%',
  ])('is open where nothing in it is slow, but %s was asked for', (threshold) => {
    const [row] = findingsOf(quick, [threshold]).filter((one) => one.threshold === threshold)
    expect(row).toMatchObject({verdict: 'inconclusive'})
  })

  it('is open where it was not measured', () => {
    expect(rowsOf('workload_speedup', {looks: [look('a')], proof: proof()})[0]).toMatchObject({verdict: 'inconclusive'})
  })
})

describe('a query that was given up', () => {
  const timeouts = (before: number, after: number) => ({timeouts: {before, after}, failures: {'57014': before + after}})
  const of = (one: ReturnType<typeof measured>, more: Partial<DbExplainFacts> = {}) => ({
    ...served(one),
    looks: [givenUpLook('a', 20_000)],
    ...more,
  })

  it('passes where even the least that it can have taken is enough', () =>
    expect(rowsOf('query_speedup', of(measured('a', 0.1, timeouts(30, 0))))).toMatchObject([{verdict: 'pass'}]))

  it('breaks no promise where the least is too little, as it may have taken any time', () => {
    const facts = of(measured('a', 0.9, timeouts(30, 0)), {looks: [givenUpLook('a', 60)]})
    for (const metric of ['query_speedup', 'workload_speedup'])
      expect(rowsOf(metric, facts)).toMatchObject([{verdict: 'inconclusive'}])
  })

  it('is open where it takes too long with the indexes, too', () => {
    const [row] = rowsOf('query_speedup', of(measured('a', 0.1, timeouts(30, 30))))
    expect(row).toMatchObject({verdict: 'inconclusive', query: 'a'})
    expect(row?.why).toContain('longer than it was given')
    expect(rowsOf('workload_speedup', of(measured('a', 0.1, timeouts(30, 30))))).toMatchObject([
      {verdict: 'inconclusive'},
    ])
  })

  it('weighs as much in the workload as was seen of it before it was measured', () => {
    const other = look('b', {takes: 300})
    const one = measured('a', 0.1, timeouts(30, 0))
    const [row] = rowsOf('workload_speedup', {
      ...of(one),
      looks: [givenUpLook('a', 20_000), other],
      proof: proof({
        choice: choice({chosen: [chosen('x', ['a'])]}),
        measured: [one, measured('b', 1, {samePlan: true})],
      }),
    })
    expect(row).toMatchObject({verdict: 'pass'})
    expect(row?.observed).toBeGreaterThan(0.99)
  })

  it('keeps a workload from passing where no index helps it', () => {
    const unserved = measured('a', 1, {...timeouts(30, 30), samePlan: true})
    const looks = [givenUpLook('a', 60), look('b', {calls: 100})]
    const [row] = rowsOf('workload_speedup', {
      looks,
      proof: proof({measured: [unserved, measured('b', 0.1)], choice: choice({chosen: [chosen('x', ['b'])]})}),
    })
    expect(row).toMatchObject({verdict: 'inconclusive'})
    expect(row?.why).toContain('is not known of a')
  })

  it('is slow, and has not failed, did not get slower, and gives no time to be judged', () => {
    const facts = of(measured('a', 0.1, timeouts(30, 0)))
    expect(rowsOf('slow_queries', facts, ['slow_queries == 0'])).toMatchObject([{verdict: 'fail', observed: 1}])
    expect(rowsOf('query_error_rate', facts)).toMatchObject([{verdict: 'pass', observed: 0}])
    expect(rowsOf('regressed_queries', facts)).toMatchObject([{verdict: 'pass'}])
    expect(rowsOf('query_time_before', facts, ['p50(query_time_before) < 30s'])).toMatchObject([
      {verdict: 'inconclusive'},
    ])
    expect(check(plan, factsOf(facts)).doubts).toMatchObject([{name: 'given-up'}])
  })

  it('is not among those that did not get slower where it may have been either', () => {
    const [row] = findingsOf(of(measured('a', 1.5, timeouts(30, 0)))).filter(
      ({metric}) => metric === 'regressed_queries',
    )
    expect(row).toMatchObject({exposure: 0, verdict: 'inconclusive'})
  })
})

describe('regressions', () => {
  const of = (...all: readonly ReturnType<typeof measured>[]) =>
    rowsOf('regressed_queries', {looks: all.map(({query}) => look(query)), proof: proof({measured: all})})[0]
  const slower = (query: string, chance: number) =>
    measured(query, 1.3, {...between(1.3, 1.2, 1.4), chance, samePlan: false})

  it('are queries that got slower for certain', () => {
    expect(of(slower('a', 0.001))).toMatchObject({verdict: 'fail', observed: 1})
    expect(of(measured('a', 0.5))).toMatchObject({verdict: 'pass', observed: 0})
  })

  it('are none where the plan is as it was', () =>
    expect(of({...slower('a', 0.001), samePlan: true})).toMatchObject({verdict: 'pass', observed: 0}))

  it('are none where it may be as fast', () =>
    expect(of(measured('a', 1.2, {...between(1.2, 0.9, 1.5), chance: 0.001}))).toMatchObject({observed: 0}))

  it('are none where one of many is slower by chance', () => {
    const others = Array.from({length: 9}, (_, place) => measured(`o${place}`, 1, {chance: 0.5}))
    expect(of(slower('a', 0.02))).toMatchObject({observed: 1})
    expect(of(slower('a', 0.02), ...others)).toMatchObject({observed: 0})
  })
})

describe('answers', () => {
  test.each([
    ['same', 0, 'pass'],
    ['changed', 1, 'fail'],
    ['open', 1, 'fail'],
  ] as const)('%s count as %d changed', (answers, observed, verdict) =>
    expect(rowsOf('results_changed', served(measured('a', 0.1, {answers})))).toMatchObject([{observed, verdict}]),
  )

  it('that nobody has seen are not among those that were compared', () => {
    const [row] = findingsOf(served(measured('a', 0.1, {answers: 'unknown'}))).filter(
      ({metric}) => metric === 'results_changed',
    )
    expect(row?.exposure).toBe(0)
  })
})

describe('errors', () => {
  const refused = [{name: 'r', sql: 'SELECT 1/0', place: undefined, reason: 'the server refuses it'}]
  const rate = (changes: Partial<DbExplainFacts>) => rowsOf('query_error_rate', changes)[0]

  it('are none where all runs went well', () =>
    expect(rate(served(measured('a', 0.1)))).toMatchObject({verdict: 'pass', observed: 0}))

  it('are all runs of a query that the server refuses, as if it had been run as often as the others', () => {
    const many = Array.from({length: 9}, (_, place) => look(`q${place}`))
    expect(rate({looks: many, refused})).toMatchObject({verdict: 'fail'})
    expect(rate({looks: many, refused})?.observed).toBeCloseTo(0.1)
    expect(rate({refused})).toMatchObject({verdict: 'fail', observed: 1})
  })

  it('are runs that failed while they were measured', () => {
    const failing = rate(served(measured('a', 0.1, {failures: {'57014': 6}})))
    expect(failing).toMatchObject({verdict: 'fail'})
    expect(failing?.observed).toBeCloseTo(6 / 63)
  })
})

describe('what writes cost', () => {
  const charge = (table: string, ratio: number | undefined): WriteCharge => ({
    table,
    buildMs: 1,
    bytes: 8192,
    rows: 1000,
    insert:
      ratio === undefined ? undefined : {ratio, samples: 10, interval: [ratio, ratio], lower: ratio, upper: ratio},
    update: undefined,
    hot: undefined,
    uncharged: ratio === undefined ? ['writes: only tried on a database of our own'] : [],
  })
  const row = (...charges: readonly WriteCharge[]) => {
    const taken = choice({chosen: [chosen('x', ['a'])]})
    return rowsOf('insert_slowdown', {
      looks: [look('a')],
      proof: proof({choice: taken, charges, measured: [measured('a', 0.1)]}),
    })[0]
  }

  it('is judged by the worst table', () => {
    expect(row(charge('public.a', 1.1), charge('public.b', 1.2))).toMatchObject({verdict: 'pass'})
    expect(row(charge('public.a', 1.1), charge('public.b', 1.6))).toMatchObject({verdict: 'fail'})
    expect(row(charge('public.a', 1.1), charge('public.b', 1.6))?.observed).toBeCloseTo(0.6)
  })

  it('is open, with the reason, where it was not tried', () =>
    expect(row(charge('public.a', undefined))).toMatchObject({
      verdict: 'inconclusive',
      why: 'writes: only tried on a database of our own',
    }))
})

describe('doubts', () => {
  const doubtsOf = (changes: Partial<DbExplainFacts>) => check(plan, factsOf(changes)).doubts

  it('are none of a quiet run', () => expect(doubtsOf({proof: proof({drift: 1.1})})).toEqual([]))

  test.each([1.4, 0.7])('say that the server was not quiet, at a drift of %d', (drift) => {
    const [doubt, ...more] = doubtsOf({looks: [look('a')], proof: proof({drift})})
    expect(more).toEqual([])
    expect(doubt).toMatchObject({name: 'drift', spoils: ['query_speedup', 'workload_speedup', 'regressed_queries']})
    expect(doubt?.why).toContain(drift.toFixed(2))
  })

  it('are none of a server that was not quiet where no query is slow', () =>
    expect(doubtsOf({looks: [look('a', {slow: false})], proof: proof({drift: 1.4})})).toEqual([]))

  it('say why a trial was given up', () =>
    expect(doubtsOf({proof: proof({stopped: 'somebody waited for our lock'})})).toMatchObject([
      {name: 'trial-stopped', why: 'the trial was given up: somebody waited for our lock'},
    ]))

  it('say that our own process waited for a processor', () => {
    const generator = {...factsOf({}).generator, waitShare: 0.6, healthy: false}
    expect(doubtsOf({generator}).map(({name}) => name)).toEqual(['processor-wait'])
  })
})
