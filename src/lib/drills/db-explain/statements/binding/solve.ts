/** Chooses for every parameter of a query the one place where its value is drawn, and says which have none. */
import type {Session} from '../../../../protocols/postgres/session.js'
import type {Random} from '../../../../base/random.js'
import type {Query} from '../../query.js'
import {bodyOf, nodesOf, type Syntax, type Syntaxer} from '../syntax.js'
import {originsIn, parametersIn} from './columns.js'
import {draw, type DrawOrder, type Drawn} from './draw.js'
import {usesIn} from './find-uses.js'
import {fixedIn, neutralOf, withFixed, type Fixed} from './fixed.js'
import {FIRST, type GenericPlan} from './generic-plan.js'
import {textsOf, type PlanTexts} from './plan-texts.js'
import {attempt} from './read-only.js'
import {isSame, type Source, type Use} from './use.js'

export interface Solved {
  readonly fixed: Fixed
  /** One for each table. */
  readonly drawn: readonly Drawn[]
  /** Parameters, from 1, for which nothing is known. */
  readonly missing: readonly number[]
}

export interface Puzzle {
  readonly query: Query
  readonly tree: Syntax
  readonly plan: GenericPlan
}

export interface Means {
  readonly session: Session
  readonly syntax: Syntaxer
  readonly random: Random
}

type DrawAll = (order: Omit<DrawOrder, 'types'>) => Promise<Drawn | undefined>

/** Inside a transaction. A table that may not be read leaves its parameters missing. */
export async function solve({query, tree, plan}: Puzzle, {session, syntax, random}: Means): Promise<Solved> {
  const texts = textsOf(plan.root, syntax)
  const origins = await originsIn(texts, tree, syntax)
  const trees = texts.expressions.map((each) => each.tree)
  const find = (fixed: Fixed) => usesIn([withFixed(trees, fixed, FIRST)], origins)
  const drawAll: DrawAll = ({source, uses}) =>
    attempt(session, () => draw({source, uses, types: plan.types}, session, random.fork(source.alias))).catch(
      (error: unknown) => {
        if (session.isOpen) return undefined
        throw error
      },
    )
  const known = new Map([...fixedIn(tree), ...(await languages(plan, session))])
  const told = await withPaths(known, (fixed) => find(fixed).filter(isPath(texts)), drawAll)
  const open = find(told).filter(({parameter}) => !told.has(parameter))
  const {drawn, found} = await drawGroups(groupsOf(open), drawAll)
  const shown = shownOnly(query, texts).flatMap((parameter) => {
    const neutral = neutralOf(plan.types[parameter - 1] ?? '')
    return neutral === undefined || found.has(parameter) || told.has(parameter) ? [] : [[parameter, neutral] as const]
  })
  const fixed = new Map([...told, ...shown])
  return {fixed, drawn, missing: numbersOf(query).filter((number) => !found.has(number) && !fixed.has(number))}
}

/** The language of a text search is no word of the text. */
async function languages({types}: GenericPlan, session: Session): Promise<readonly (readonly [number, string])[]> {
  const places = types.flatMap((type, index) => (type === 'regconfig' ? [index + 1] : []))
  if (places.length === 0) return []
  const [current] = await session.ask<{name: string}>('SELECT get_current_ts_config()::text AS name')
  return places.map((place) => [place, current?.name ?? 'simple'])
}

/** As in `data -> $1 -> $2 ->> $3`. */
const LONGEST_PATH = 4

/** What is compared with `data ->> $1` can only be found when the key is known. */
async function withPaths(fixed: Fixed, paths: (fixed: Fixed) => readonly Use[], drawAll: DrawAll): Promise<Fixed> {
  const told = new Map(fixed)
  for (let step = 0; step < LONGEST_PATH; step++) {
    for (const path of paths(told).filter(({parameter}) => !told.has(parameter))) {
      const drawn = await drawAll({source: path.source, uses: [path]})
      const key = (drawn?.common[0] ?? drawn?.typical[0])?.get(path.parameter)
      if (key !== undefined) told.set(path.parameter, key)
    }
  }
  return told
}

async function drawGroups(
  groups: readonly Omit<DrawOrder, 'types'>[],
  drawAll: DrawAll,
): Promise<{readonly drawn: readonly Drawn[]; readonly found: ReadonlySet<number>}> {
  const drawn: Drawn[] = []
  const found = new Set<number>()
  for (const group of groups) {
    const values = await drawAll(group)
    if (values === undefined) continue
    drawn.push(values)
    for (const {parameter} of group.uses) found.add(parameter)
  }
  return {drawn, found}
}

function numbersOf({parameters}: Query): readonly number[] {
  return Array.from({length: parameters}, (_, index) => index + 1)
}

/** A key that leads into a document, `data ->> $1`: what is compared behind it depends on it. */
function isPath({expressions}: PlanTexts): (use: Use) => boolean {
  const arrows = nodesOf(
    expressions.map(({tree}) => tree),
    'A_Expr',
  ).filter(({name}) => JSON.stringify(name).includes('"->'))
  const numbers = new Set(arrows.flatMap(({rexpr}) => Number(bodyOf(rexpr, 'ParamRef')?.['number'] ?? 0)))
  return ({parameter, shape}) => shape.kind === 'key' && numbers.has(parameter + FIRST)
}

/** Tables with more of the parameters first, so that as many as can be come out of one row. */
function groupsOf(uses: readonly Use[]): readonly {source: Source; uses: readonly Use[]}[] {
  const sources = uses
    .map(({source}) => source)
    .filter((source, index, all) => all.findIndex((other) => isSame(other, source)) === index)
  const groups = sources.map((source) => ({
    source,
    uses: firstOfEach(uses.filter((use) => isSame(use.source, source))),
  }))
  const sorted = groups.sort((one, other) => other.uses.length - one.uses.length)
  const taken = new Set<number>()
  return sorted.flatMap(({source, uses: all}) => {
    const free = all.filter(({parameter}) => !taken.has(parameter))
    for (const {parameter} of free) taken.add(parameter)
    return free.length === 0 ? [] : [{source, uses: free}]
  })
}

/** What is equal to a value says more than what bounds it. */
function firstOfEach(uses: readonly Use[]): readonly Use[] {
  const sorted = [...uses].sort(
    (one, other) => Number(one.shape.kind === 'bound') - Number(other.shape.kind === 'bound'),
  )
  const first = sorted.filter((use, index) => sorted.findIndex(({parameter}) => parameter === use.parameter) === index)
  return first.sort((one, other) => one.parameter - other.parameter)
}

/** In no condition, so that its value changes what is shown, and not what is read. */
function shownOnly(query: Query, {expressions}: PlanTexts): readonly number[] {
  const deciding = expressions.filter(({decides}) => decides)
  // Also of what cannot be parsed.
  const numbers = deciding.flatMap(({text}) =>
    [...text.matchAll(/\$(\d+)/g)].map(([, number]) => Number(number) - FIRST),
  )
  const asked = new Set([
    ...numbers,
    ...deciding.flatMap(({tree}) => parametersIn(tree).map((number) => number - FIRST)),
  ])
  return numbersOf(query).filter((number) => !asked.has(number))
}
