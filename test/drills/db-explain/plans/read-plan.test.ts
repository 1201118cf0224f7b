import {expect, test} from 'vitest'
import {hotNode} from '../../../../src/lib/drills/db-explain/plans/hot-node.js'
import type {Plan, PlanNode} from '../../../../src/lib/drills/db-explain/plans/plan-node.js'
import {readPlan} from '../../../../src/lib/drills/db-explain/plans/read-plan.js'
import {everyNode} from '../../../../src/lib/drills/db-explain/plans/shape.js'
import {
  answer,
  initPlan,
  inner,
  outer,
  POSTGRES_13,
  POSTGRES_16_GENERIC,
  POSTGRES_18,
  ran,
  type Raw,
} from './raw-plans.js'

function nodeOf(plan: Plan, type: string): PlanNode {
  const node = everyNode(plan.root).find((one) => one.type === type)
  if (node === undefined) throw new Error(`no ${type}`)
  return node
}

/** Own times by type, in the order of the tree. */
function ownTimes(plan: Raw): [string, number][] {
  return everyNode(readPlan(answer(plan)).root).map(({type, exclusiveMs}) => [
    type,
    Number((exclusiveMs ?? -1).toFixed(3)),
  ])
}

test('Postgres 13: the workers stand beside each other, and the Gather has evaluated the InitPlan before them', () => {
  const plan = readPlan(POSTGRES_13)
  expect(plan).toMatchObject({
    cost: 100,
    planningMs: 0.1,
    executionMs: 50,
    settings: {work_mem: '64MB'},
    jit: true,
    workersPlanned: 2,
    workersLaunched: 2,
    indexes: [],
  })
  // 60 ms of three processes, of which the slowest took 30; the Gather took 39 with the 6 of the InitPlan.
  expect(nodeOf(plan, 'Seq Scan')).toMatchObject({
    heading: 'Parallel Seq Scan',
    relation: {schema: 'public', name: 'messages', alias: 'm'},
    filter: '(m.id > $0)',
    removedByFilter: 900,
    loops: 3,
    inclusiveMs: 30,
    exclusiveMs: 30,
    buffers: {hit: 100, read: 30, temporary: 0},
  })
  expect(nodeOf(plan, 'Result').exclusiveMs).toBe(6)
  expect(nodeOf(plan, 'Gather')).toMatchObject({inclusiveMs: 39, exclusiveMs: 3, buffers: {hit: 0, read: 0}})
  expect(plan.root).toMatchObject({heading: 'Finalize Aggregate', exclusiveMs: 1, buffers: {hit: 0, read: 0}})
})

test('Postgres 16, without values: nothing is timed, and the costs find the hot node below the LIMIT', () => {
  const plan = readPlan(POSTGRES_16_GENERIC)
  expect(plan).toMatchObject({cost: 60, executionMs: undefined, workersLaunched: undefined, jit: false, settings: {}})
  expect(plan.indexes).toEqual(['Messages By Room'])
  expect(hotNode(plan)).toMatchObject({
    heading: 'Index Scan Backward',
    actualRows: undefined,
    inclusiveMs: undefined,
    exclusiveMs: undefined,
    indexCondition: '(m."roomId" = $1)',
  })
})

test('Postgres 18: rows in fractions, index searches, and keys that nobody knows', () => {
  const plan = readPlan(POSTGRES_18)
  expect(plan.root).toMatchObject({actualRows: 12.5, exclusiveMs: 4, buffers: {hit: 0}})
  expect(nodeOf(plan, 'Index Only Scan')).toMatchObject({
    actualRows: 0.33,
    inclusiveMs: 24,
    exclusiveMs: 24,
    heapFetches: 3,
    indexSearches: 9,
  })
  expect(hotNode(plan).type).toBe('Index Only Scan')
})

test('a CTE is run by its scan: its time is neither missing there nor taken off the node that it hangs on', () => {
  const cte = initPlan('CTE recent', ran('Seq Scan', 20))
  const scan = outer(ran('CTE Scan', 22, {'CTE Name': 'recent'}))
  expect(ownTimes(ran('Aggregate', 25, {Plans: [cte, scan]}))).toEqual([
    ['Aggregate', 3],
    ['Seq Scan', 20],
    ['CTE Scan', 2],
  ])
})

test('a CTE that is its own host, as a scan at the root is', () => {
  const cte = initPlan('CTE foo', ran('Result', 100))
  expect(ownTimes(ran('CTE Scan', 101, {'CTE Name': 'foo', Plans: [cte]}))).toEqual([
    ['CTE Scan', 1],
    ['Result', 100],
  ])
})

test('a CTE that two scans read is paid by both', () => {
  const cte = initPlan('CTE r', ran('Seq Scan', 30))
  const scans = [outer(ran('CTE Scan', 30, {'CTE Name': 'r'})), inner(ran('CTE Scan', 10, {'CTE Name': 'r'}))]
  expect(ownTimes(ran('Hash Join', 45, {Plans: [cte, ...scans]}))).toEqual([
    ['Hash Join', 5],
    ['Seq Scan', 30],
    ['CTE Scan', 7.5],
    ['CTE Scan', 2.5],
  ])
})

test('a CTE that reads another one is paid after it', () => {
  const first = initPlan('CTE a', ran('Seq Scan', 10))
  const second = initPlan('CTE b', ran('Sort', 15, {Plans: [outer(ran('CTE Scan', 12, {'CTE Name': 'a'}))]}))
  const scan = outer(ran('CTE Scan', 16, {'CTE Name': 'b'}))
  expect(ownTimes(ran('Limit', 17, {Plans: [first, second, scan]}))).toEqual([
    ['Limit', 1],
    ['Seq Scan', 10],
    ['Sort', 3],
    ['CTE Scan', 2],
    ['CTE Scan', 1],
  ])
})

test('a name means the CTE that is nearest', () => {
  const far = initPlan('CTE a', ran('Seq Scan', 8))
  const near = initPlan('CTE a', ran('Function Scan', 4))
  const nested = outer(ran('Unique', 6, {Plans: [near, outer(ran('CTE Scan', 5, {'CTE Name': 'a'}))]}))
  const other = inner(ran('CTE Scan', 9, {'CTE Name': 'a'}))
  expect(ownTimes(ran('Nested Loop', 16, {Plans: [far, nested, other]}))).toEqual([
    ['Nested Loop', 1],
    ['Seq Scan', 8],
    ['Unique', 1],
    ['Function Scan', 4],
    ['CTE Scan', 1],
    ['CTE Scan', 1],
  ])
})

test.each([
  ['up to Postgres 16', 'InitPlan 1 (returns $0)', '(m.id > $0)'],
  ['from Postgres 17 on', 'InitPlan 1', '(m.id > (InitPlan 1).col1)'],
])('an InitPlan is run by the deepest node that needs it, %s', (_case, name, filter) => {
  const needing = outer(ran('Seq Scan', 20, {Filter: filter}))
  const passing = outer(ran('Sort', 21, {Output: [filter], Plans: [needing]}))
  expect(ownTimes(ran('Limit', 22, {Plans: [initPlan(name, ran('Result', 15)), passing]}))).toEqual([
    ['Limit', 1],
    ['Result', 15],
    ['Sort', 1],
    ['Seq Scan', 5],
  ])
})

test('an InitPlan that only a node needs which never ran is left to the node that it hangs on', () => {
  const never = outer(ran('Seq Scan', 0, {Filter: '(a = $10)', 'Actual Loops': 0}))
  const plan = ran('Result', 9, {Plans: [initPlan('InitPlan 1 (returns $10)', ran('Aggregate', 8)), never]})
  expect(ownTimes(plan)).toEqual([
    ['Result', 1],
    ['Aggregate', 8],
    ['Seq Scan', 0],
  ])
})

test('$1 is not $10', () => {
  const other = outer(ran('Seq Scan', 4, {Filter: '(a = $10)'}))
  const plan = ran('Result', 9, {Plans: [initPlan('InitPlan 1 (returns $1)', ran('Aggregate', 3)), other]})
  expect(ownTimes(plan)[0]).toEqual(['Result', 2])
})

test('a SubPlan counts as often as it ran', () => {
  const sub = ran('Index Scan', 0.5, {
    'Parent Relationship': 'SubPlan',
    'Subplan Name': 'SubPlan 1',
    'Actual Loops': 20,
  })
  expect(ownTimes(ran('Seq Scan', 12, {Plans: [sub]}))).toEqual([
    ['Seq Scan', 2],
    ['Index Scan', 10],
  ])
})

test('members of an Append that never ran took nothing', () => {
  const members = [5, 0, 7].map((ms) =>
    ran('Seq Scan', ms, {'Parent Relationship': 'Member', 'Actual Loops': ms === 0 ? 0 : 1}),
  )
  expect(ownTimes(ran('Append', 13, {Plans: members}))).toEqual([
    ['Append', 1],
    ['Seq Scan', 5],
    ['Seq Scan', 0],
    ['Seq Scan', 7],
  ])
})

test('a coarse clock that gives a child more than its parent does not give the parent less than nothing', () => {
  expect(ownTimes(ran('Sort', 10, {Plans: [outer(ran('Seq Scan', 11))]}))).toEqual([
    ['Sort', 0],
    ['Seq Scan', 10],
  ])
})

test('without the workers’ own figures the processes share the time equally, and the idle ones do not count', () => {
  const gather = (loops: number) =>
    ran('Gather', 50, {'Workers Launched': 3, Plans: [outer(ran('Seq Scan', 20, {'Actual Loops': loops}))]})
  expect(ownTimes(gather(4))).toEqual([
    ['Gather', 30],
    ['Seq Scan', 20],
  ])
  expect(ownTimes(gather(2))).toEqual([
    ['Gather', 30],
    ['Seq Scan', 20],
  ])
})

test('rows without times, as TIMING OFF gives them', () => {
  const {'Actual Total Time': _total, 'Actual Startup Time': _startup, ...raw} = ran('Seq Scan', 1)
  expect(readPlan(answer(raw)).root).toMatchObject({
    actualRows: 10,
    loops: 1,
    inclusiveMs: undefined,
    exclusiveMs: undefined,
  })
})

test('the shape is that of nodes, relations and indexes, and not of values, rows or times', () => {
  const scan = (more: Raw) =>
    readPlan(
      answer(
        ran('Index Scan', 1, {'Relation Name': 'a', Schema: 's', 'Index Name': 'i', 'Index Cond': '(x = 1)', ...more}),
      ),
    )
  const {shape} = scan({})
  expect(shape).toMatch(/^[0-9a-f]{12}$/)
  expect(scan({'Index Cond': '(x = 2)', 'Actual Rows': 7, 'Actual Total Time': 8}).shape).toBe(shape)
  for (const change of [{'Index Name': 'j'}, {Schema: 't'}, {'Relation Name': 'b'}, {'Node Type': 'Seq Scan'}]) {
    expect(scan(change).shape).not.toBe(shape)
  }
})

test.each([[null], [[]], [{}], [[{Plan: 7}]], ['text']])('%j is no plan', (given) => {
  expect(() => readPlan(given)).toThrow('holds no plan')
})
