/** Finds in the expressions of a plan what each parameter is compared with. */
import {FIRST} from './generic-plan.js'
import {hasColumns, parametersIn, type Origin, type Origins} from './columns.js'
import {mirrored, shapeOf} from './operators.js'
import {spotsIn, type Spot} from './parameter-side.js'
import type {Shape, Use} from './use.js'
import {bodyOf, listOf, nodesOf, partsOf, type Fields} from '../syntax.js'

interface Comparison {
  readonly operator: string
  /** `= ANY (…)`, also negated. */
  readonly any: boolean
  readonly left: unknown
  readonly right: unknown
}

/** All of them; a parameter may have several, or none. Parameters count from 1. */
export function usesIn(trees: readonly unknown[], origins: Origins): readonly Use[] {
  return nodesOf(trees, 'A_Expr')
    .flatMap(comparisonsIn)
    .flatMap((comparison) => usesOf(comparison, origins))
}

/** Rows are compared item by item: `(created_at, id) < ($1, $2)`. */
function comparisonsIn(expression: Fields): readonly Comparison[] {
  const {kind, lexpr: left, rexpr: right} = expression
  const operator = partsOf(expression['name']).at(-1) ?? ''
  const any = kind === 'AEXPR_OP_ANY' || kind === 'AEXPR_OP_ALL'
  const [lefts, rights] = [bodyOf(left, 'RowExpr'), bodyOf(right, 'RowExpr')]
  if (lefts === undefined || rights === undefined) return [{operator, any, left, right}]
  const others = listOf(rights['args'])
  return listOf(lefts['args']).map((item, index) => ({operator, any, left: item, right: others[index]}))
}

function usesOf({operator, any, left, right}: Comparison, origins: Origins): readonly Use[] {
  if (isColumn(left) && isParameter(right)) {
    const shape = shapeOf(operator)
    return shape === undefined ? [] : solve(left, right, any ? listed(shape, right) : shape, origins)
  }
  if (isColumn(right) && isParameter(left)) {
    const shape = any ? ({kind: 'element'} as const) : shapeOf(mirrored(operator))
    return shape === undefined ? [] : solve(right, left, shape, origins)
  }
  return []
}

function isColumn(tree: unknown): boolean {
  return hasColumns(tree) && ours(tree).length === 0
}

function isParameter(tree: unknown): boolean {
  return !hasColumns(tree) && ours(tree).length > 0
}

function ours(tree: unknown): readonly number[] {
  return parametersIn(tree).filter((number) => number > FIRST)
}

/** `= ANY ($1)` takes a list, `= ANY (ARRAY[$1, $2])` takes single values; patterns in lists are made as values. */
function listed(shape: Shape, side: unknown): Shape {
  const spots = spotsIn(side)
  const single = spots.length > 1 || bodyOf(side, 'A_ArrayExpr') !== undefined
  return single || shape.kind === 'bound' ? shape : {kind: 'list'}
}

function solve(column: unknown, side: unknown, shape: Shape, origins: Origins): readonly Use[] {
  return spotsIn(side).flatMap((spot) => {
    if (spot.number <= FIRST) return []
    const parameter = spot.number - FIRST
    const solved =
      spot.base === undefined ? {tree: column, shape: shapeAt(spot, shape)} : countedOff(column, spot.base, shape)
    const origin = origins.originOf(solved.tree)
    if (origin === undefined) return []
    return [{parameter, ...inUnits(origin, spot.base?.unit), shape: solved.shape}]
  })
}

function shapeAt({turn, joined, words}: Spot, shape: Shape): Shape {
  if (shape.kind === 'value') return {...shape, turn}
  if (shape.kind === 'pattern' && joined !== undefined) return {...shape, bare: false, prefix: joined.prefix}
  if (shape.kind === 'words') return {...shape, plain: words}
  return shape
}

/** `column > base - $1` means `$1 > base - column`; `column > base + $1` means `$1 < column - base`. */
function countedOff(column: unknown, base: NonNullable<Spot['base']>, shape: Shape): {tree: unknown; shape: Shape} {
  const [lexpr, rexpr] = base.sign === '-' ? [base.tree, column] : [column, base.tree]
  const name = [{String: {sval: '-'}}]
  const tree = {A_Expr: {kind: 'AEXPR_OP', name, lexpr, rexpr}}
  if (shape.kind !== 'bound' || base.sign === '+') return {tree, shape}
  return shape.side === 'lower'
    ? {tree, shape: {kind: 'bound', side: 'upper', narrow: 'low'}}
    : {tree, shape: {kind: 'bound', side: 'lower', narrow: undefined}}
}

function inUnits(origin: Origin, unit: string | undefined): Origin {
  if (unit === undefined) return origin
  const seconds = (interval: string) => `extract(epoch FROM ${interval})`
  const one = `interval '${unit.replaceAll("'", "''")}'`
  const expression = `greatest(1, ceil(${seconds(`(${origin.expression})`)} / ${seconds(one)}))::bigint`
  return {...origin, expression, column: undefined}
}
