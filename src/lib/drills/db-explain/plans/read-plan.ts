/** Reads what EXPLAIN (FORMAT JSON) answered, of any version from 13 on; pure. Keys that it does not know do not disturb it. */
import {headingOf, sourceOf} from './heading.js'
import {ownOf, type Own} from './own.js'
import type {Plan, PlanNode, Relation} from './plan-node.js'
import {isNode, numberOf, textOf, textsOf, type RawNode} from './raw-node.js'
import {indexesOf, shapeOf} from './shape.js'
import {isGather, stepsOf, type Step} from './step.js'

/** Takes the parsed JSON: the list that EXPLAIN answers, or its only member. Throws an Error when it is no plan. */
export function readPlan(answer: unknown): Plan {
  const [top] = Array.isArray(answer) ? (answer as readonly unknown[]) : [answer]
  if (!isNode(top) || !isNode(top['Plan'])) throw new Error('the answer of EXPLAIN holds no plan')
  const steps = stepsOf(top['Plan'])
  const root = nodeOf(steps, ownOf(steps))
  return {
    root,
    cost: root.totalCost,
    planningMs: numberOf(top, 'Planning Time'),
    executionMs: numberOf(top, 'Execution Time'),
    settings: settingsOf(top),
    jit: isCompiled(top),
    ...workersOf(steps),
    indexes: indexesOf(root),
    shape: shapeOf(root),
  }
}

function nodeOf(step: Step, ownOfStep: (step: Step) => Own): PlanNode {
  const {raw, taken} = step
  const own = ownOfStep(step)
  return {
    type: step.type,
    heading: headingOf(raw),
    ...placeOf(raw),
    output: textsOf(raw, 'Output'),
    ...conditionsOf(raw),
    ...figuresOf(raw),
    inclusiveMs: own.ms === undefined ? undefined : (taken.ms ?? 0),
    exclusiveMs: own.ms,
    buffers: own.buffers,
    children: step.children.map((child) => nodeOf(child, ownOfStep)),
  }
}

type Place = Pick<PlanNode, 'relation' | 'index' | 'source' | 'joinType' | 'relationship' | 'subplan'>

function placeOf(raw: RawNode): Place {
  return present({
    relation: relationOf(raw),
    index: textOf(raw, 'Index Name'),
    source: sourceOf(raw),
    joinType: textOf(raw, 'Join Type'),
    relationship: textOf(raw, 'Parent Relationship'),
    subplan: textOf(raw, 'Subplan Name'),
  })
}

function relationOf(raw: RawNode): Relation | undefined {
  const name = textOf(raw, 'Relation Name')
  if (name === undefined) return undefined
  return {schema: textOf(raw, 'Schema') ?? '', name, alias: textOf(raw, 'Alias') ?? name}
}

function conditionsOf(raw: RawNode) {
  return {
    ...present({
      filter: textOf(raw, 'Filter'),
      indexCondition: textOf(raw, 'Index Cond'),
      recheckCondition: textOf(raw, 'Recheck Cond'),
      joinFilter: textOf(raw, 'Join Filter'),
      hashCondition: textOf(raw, 'Hash Cond'),
      mergeCondition: textOf(raw, 'Merge Cond'),
    }),
    sortKey: textsOf(raw, 'Sort Key'),
    groupKey: textsOf(raw, 'Group Key'),
  }
}

function figuresOf(raw: RawNode) {
  const count = (key: string) => numberOf(raw, key) ?? 0
  return {
    estimatedRows: count('Plan Rows'),
    actualRows: numberOf(raw, 'Actual Rows'),
    width: count('Plan Width'),
    loops: count('Actual Loops'),
    removedByFilter: count('Rows Removed by Filter'),
    heapFetches: numberOf(raw, 'Heap Fetches'),
    ...present({indexSearches: numberOf(raw, 'Index Searches')}),
    startupCost: count('Startup Cost'),
    totalCost: count('Total Cost'),
  }
}

function settingsOf(top: RawNode): Readonly<Record<string, string>> {
  const settings = top['Settings']
  if (!isNode(settings)) return {}
  return Object.fromEntries(Object.keys(settings).map((name) => [name, textOf(settings, name) ?? '']))
}

/** The block is there in plans of which no expression was compiled, too. */
function isCompiled(top: RawNode): boolean {
  const jit = top['JIT']
  return isNode(jit) && (numberOf(jit, 'Functions') ?? 0) > 0
}

/** Of all Gathers together. */
function workersOf(root: Step): Pick<Plan, 'workersPlanned' | 'workersLaunched'> {
  const gathers = gathersIn(root)
  const sum = (key: string) => gathers.reduce((total, {raw}) => total + (numberOf(raw, key) ?? 0), 0)
  const wasRun = numberOf(root.raw, 'Actual Loops') !== undefined
  return {workersPlanned: sum('Workers Planned'), workersLaunched: wasRun ? sum('Workers Launched') : undefined}
}

function gathersIn(step: Step): readonly Step[] {
  return [...(isGather(step.type) ? [step] : []), ...step.children.flatMap(gathersIn)]
}

type Present<Fields> = {[Key in keyof Fields]?: Exclude<Fields[Key], undefined>}

/** Without the fields that are undefined: an optional field is there or not. */
function present<Fields extends object>(fields: Fields): Present<Fields> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Present<Fields>
}
