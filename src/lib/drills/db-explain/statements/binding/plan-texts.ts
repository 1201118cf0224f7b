/** The tables of a generic plan, and the expressions in it, parsed. */
import type {Source} from './use.js'
import {bodyOf, isTrouble, listOf, partsOf, type Fields, type Syntax, type Syntaxer} from '../syntax.js'

/** What decides which rows are read or kept. */
const CONDITIONS = [
  'Filter',
  'Index Cond',
  'Recheck Cond',
  'Join Filter',
  'Hash Cond',
  'Merge Cond',
  'One-Time Filter',
  'TID Cond',
  'Function Call',
  'Table Function Call',
]
/** What only orders and computes. */
const OTHERS = ['Order By', 'Sort Key', 'Group Key', 'Output']

export interface Expression {
  readonly tree: Syntax | undefined
  readonly text: string
  readonly decides: boolean
}

export interface PlanTexts {
  readonly sources: readonly Source[]
  readonly expressions: readonly Expression[]
  /** What the inner plan of a CTE or of a subquery puts out, by its alias. */
  readonly outputs: ReadonlyMap<string, readonly string[]>
}

export function textsOf(root: Fields, syntax: Syntaxer): PlanTexts {
  const nodes = [...nodesIn(root, false)]
  const sources = nodes.flatMap(({node, isPart}) => sourceOf(node, isPart))
  const expressions = nodes.flatMap(({node}) => [
    ...expressionsIn(node, CONDITIONS).map((text) => ({text, decides: true, tree: parsed(text, syntax)})),
    ...expressionsIn(node, OTHERS).map((text) => ({text, decides: false, tree: parsed(text, syntax)})),
  ])
  return {sources, expressions, outputs: new Map(nodes.flatMap(({node}) => outputOf(node, nodes)))}
}

interface Place {
  readonly node: Fields
  readonly isPart: boolean
}

function* nodesIn(node: Fields, isPart: boolean): Generator<Place> {
  yield {node, isPart}
  const appends = String(node['Node Type']).endsWith('Append')
  for (const child of listOf(node['Plans'])) yield* nodesIn(child as Fields, appends || isPart)
}

function sourceOf(node: Fields, isPart: boolean): readonly Source[] {
  const {Schema: schema, Alias: alias} = node
  const name = node['Relation Name']
  if (typeof name !== 'string' || typeof schema !== 'string' || typeof alias !== 'string') return []
  return [{schema, name, alias, isPart}]
}

function expressionsIn(node: Fields, fields: readonly string[]): readonly string[] {
  return fields.flatMap((field) => node[field] ?? []).filter((text) => typeof text === 'string')
}

function outputOf(node: Fields, nodes: readonly Place[]): readonly (readonly [string, readonly string[]])[] {
  const alias = node['Alias']
  const cte = node['CTE Name']
  const inner =
    typeof cte === 'string'
      ? nodes.find((other) => other.node['Subplan Name'] === `CTE ${cte}`)?.node
      : node['Node Type'] === 'Subquery Scan'
        ? (listOf(node['Plans'])[0] as Fields | undefined)
        : undefined
  if (typeof alias !== 'string' || inner === undefined) return []
  return [[alias, expressionsIn(inner, ['Output'])]]
}

/**
 * Results of subqueries are no SQL: `(SubPlan 1)`, `(hashed SubPlan 2).col1`, `(ANY (m.id = (hashed SubPlan 2).col1))`. A sort key may
 * say its direction.
 */
export function parsed(text: string, syntax: Syntaxer): Syntax | undefined {
  const sql = text
    .replaceAll(/\((?:alternatives: )?(?:hashed )?(?:SubPlan|InitPlan)[^()]*\)(?:\.col\d+)?/g, 'NULL')
    .replaceAll(/(^|\()(?:ANY|ALL) \(/g, '$1(')
    .replace(/(?: (?:ASC|DESC|USING \S+))?(?: NULLS (?:FIRST|LAST))?$/, '')
  const trees = syntax.parse(`SELECT ${sql}`)
  if (isTrouble(trees)) return undefined
  const target = bodyOf(listOf(bodyOf(trees[0], 'SelectStmt')?.['targetList'])[0], 'ResTarget')
  return target?.['val'] as Syntax | undefined
}

/** `["m", "room_id"]`; undefined for anything but a column. */
export function columnIn(tree: unknown): readonly string[] | undefined {
  const column = bodyOf(tree, 'ColumnRef')
  return column === undefined ? undefined : partsOf(column['fields'])
}
