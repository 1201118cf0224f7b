/** Plans for the tests of advice: EXPLAIN's JSON as a Plan, with what the scans need of it. */
import type {Session} from '../../../../src/lib/protocols/postgres/session.js'
import type {Plan, PlanNode} from '../../../../src/lib/drills/db-explain/plans/plan-node.js'

type Told = Readonly<Record<string, unknown>> & {readonly Plans?: readonly Told[]}

interface Explained {
  readonly 'QUERY PLAN': readonly [{readonly Plan: Told}]
}

/** Run, so that rows are counted; `analyze: false` only plans it. */
export async function planOf(session: Session, sql: string, {analyze = true} = {}): Promise<Plan> {
  const options = analyze ? 'ANALYZE, VERBOSE, TIMING OFF, FORMAT JSON' : 'VERBOSE, FORMAT JSON'
  const [row] = await session.ask<Explained>(`EXPLAIN (${options}) ${sql}`)
  const told = row?.['QUERY PLAN'][0].Plan
  if (told === undefined) throw new Error('no plan came')
  const indexes: string[] = []
  const root = nodeOf(told, indexes)
  return {
    root,
    cost: root.totalCost,
    planningMs: undefined,
    executionMs: undefined,
    settings: {},
    jit: false,
    workersPlanned: 0,
    workersLaunched: undefined,
    indexes: [...new Set(indexes)],
    shape: '',
  }
}

function nodeOf(told: Told, indexes: string[]): PlanNode {
  const text = (key: string): string | undefined => told[key] as string | undefined
  const number = (key: string): number => (told[key] as number | undefined) ?? 0
  const list = (key: string): readonly string[] => (told[key] as readonly string[] | undefined) ?? []
  const index = text('Index Name')
  if (index !== undefined) indexes.push(index)
  const name = text('Relation Name')
  const removed = number('Rows Removed by Filter') + number('Rows Removed by Index Recheck')
  const optional = {
    ...(name === undefined ? {} : {relation: {schema: text('Schema') ?? '', name, alias: text('Alias') ?? name}}),
    ...(index === undefined ? {} : {index}),
    ...optionally('filter', text('Filter')),
    ...optionally('indexCondition', text('Index Cond')),
    ...optionally('recheckCondition', text('Recheck Cond')),
    ...optionally('joinFilter', text('Join Filter')),
    ...optionally('hashCondition', text('Hash Cond')),
    ...optionally('mergeCondition', text('Merge Cond')),
    ...optionally('joinType', text('Join Type')),
    ...optionally('relationship', text('Parent Relationship')),
    ...optionally('subplan', text('Subplan Name')),
  }
  return {
    ...optional,
    type: text('Node Type') ?? '',
    output: list('Output'),
    sortKey: list('Sort Key'),
    groupKey: list('Group Key'),
    estimatedRows: number('Plan Rows'),
    actualRows: told['Actual Rows'] as number | undefined,
    width: number('Plan Width'),
    loops: (told['Actual Loops'] as number | undefined) ?? 1,
    removedByFilter: removed,
    heapFetches: told['Heap Fetches'] as number | undefined,
    startupCost: number('Startup Cost'),
    totalCost: number('Total Cost'),
    inclusiveMs: undefined,
    exclusiveMs: undefined,
    buffers: {hit: 0, read: 0, temporary: 0},
    children: (told.Plans ?? []).map((child) => nodeOf(child, indexes)),
  }
}

function optionally<Key extends string>(key: Key, value: string | undefined): Partial<Record<Key, string>> {
  return value === undefined ? {} : ({[key]: value} as Partial<Record<Key, string>>)
}
