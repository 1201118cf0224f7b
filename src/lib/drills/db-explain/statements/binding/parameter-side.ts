/** Where exactly a parameter stands in its side of a comparison, so that a value can be led back to it. */
import {constantIn} from '../literals.js'
import {bodyOf, listOf, partsOf, type Fields} from '../syntax.js'
import {hasColumns, parametersIn, withoutCasts} from './columns.js'

export interface Spot {
  /** As it stands in the tree. */
  readonly number: number
  /** Its place in a list of values. */
  readonly turn: number
  /** It is counted off or onto this: `now() - $1`. */
  readonly base?: {readonly tree: unknown; readonly sign: '-' | '+'; readonly unit: string | undefined}
  /** Constants stand before and behind it: `'%' || $1 || '%'`. */
  readonly joined?: {readonly prefix: boolean}
  /** A function makes a text search query out of its words. */
  readonly words: boolean
}

/** Functions that give back what they are given, or find it again: `lower(email) = lower($1)`. */
const HARMLESS = new Set([
  'lower',
  'upper',
  'btrim',
  'ltrim',
  'rtrim',
  'unaccent',
  'date_trunc',
  'timezone',
  'citext',
  'abs',
  'text',
])
const SEARCHES = new Set(['plainto_tsquery', 'phraseto_tsquery', 'websearch_to_tsquery', 'to_tsquery'])

/** What a number in make_interval counts, by its position. */
const UNITS = ['1 year', '1 month', '1 week', '1 day', '1 hour', '1 minute', '1 second']

/** The parameters that can be solved for; those of anything else are left out. */
export function spotsIn(side: unknown): readonly Spot[] {
  const tree = withoutCasts(side)
  const number = bodyOf(tree, 'ParamRef')?.['number']
  if (typeof number === 'number') return [{number, turn: 0, words: false}]
  const array = bodyOf(tree, 'A_ArrayExpr') ?? bodyOf(tree, 'List')
  if (array !== undefined) {
    const items = listOf(array['elements'] ?? array['items'])
    return items.flatMap((item, turn) => spotsIn(item).map((spot) => ({...spot, turn})))
  }
  const coalesced = bodyOf(tree, 'CoalesceExpr')
  if (coalesced !== undefined) return listOf(coalesced['args']).flatMap(spotsIn)
  return spotsInCall(bodyOf(tree, 'FuncCall')) ?? spotsInOperation(bodyOf(tree, 'A_Expr')) ?? []
}

function spotsInCall(call: Fields | undefined): readonly Spot[] | undefined {
  if (call === undefined) return undefined
  const name = partsOf(call['funcname']).at(-1) ?? ''
  const spots = listOf(call['args']).flatMap(spotsIn)
  if (SEARCHES.has(name)) return spots.map((spot) => ({...spot, words: true}))
  return HARMLESS.has(name) ? spots : []
}

function spotsInOperation(operation: Fields | undefined): readonly Spot[] | undefined {
  if (operation === undefined) return undefined
  const {lexpr, rexpr} = operation
  const sign = partsOf(operation['name']).at(-1)
  if (sign === '||') return joinedIn(lexpr, rexpr)
  if ((sign !== '-' && sign !== '+') || lexpr === undefined) return []
  if (parametersIn(lexpr).length > 0 || hasColumns(lexpr)) return []
  const amount = amountIn(rexpr)
  return amount === undefined ? [] : [{...amount, turn: 0, words: false, base: {tree: lexpr, sign, unit: amount.unit}}]
}

function joinedIn(left: unknown, right: unknown): readonly Spot[] {
  const before = parametersIn(left).length === 0 ? withoutCasts(left) : undefined
  const inner = before === undefined ? left : right
  const prefix = before === undefined
  return spotsIn(inner).map((spot) => ({...spot, joined: {prefix: prefix && (spot.joined?.prefix ?? true)}}))
}

interface Amount {
  readonly number: number
  /** What it counts; undefined where it is an interval, or a number itself. */
  readonly unit: string | undefined
}

/** `$1`, `$1 * interval '1 day'`, `make_interval(days => $1)`, `($1 || ' days')::interval`. */
function amountIn(tree: unknown): Amount | undefined {
  const inner = withoutCasts(tree)
  const number = bodyOf(inner, 'ParamRef')?.['number']
  if (typeof number === 'number') return {number, unit: undefined}
  const call = bodyOf(inner, 'FuncCall')
  if (call !== undefined) return partsOf(call['funcname']).at(-1) === 'make_interval' ? counted(call) : undefined
  return multiplied(bodyOf(inner, 'A_Expr'))
}

function multiplied(operation: Fields | undefined): Amount | undefined {
  const {name, lexpr, rexpr} = operation ?? {}
  const sign = partsOf(name).at(-1)
  if (sign !== '*' && sign !== '||') return undefined
  for (const [parameter, unit] of [
    [lexpr, rexpr],
    [rexpr, lexpr],
  ]) {
    const number = bodyOf(withoutCasts(parameter), 'ParamRef')?.['number']
    const text = constantIn(unit)
    if (typeof number === 'number' && typeof text === 'string') {
      return {number, unit: sign === '||' ? `1${text}` : text}
    }
  }
  return undefined
}

function counted(call: Fields): Amount | undefined {
  for (const [index, argument] of listOf(call['args']).entries()) {
    const number = bodyOf(withoutCasts(argument), 'ParamRef')?.['number']
    const unit = UNITS[index]
    if (typeof number === 'number' && unit !== undefined) return {number, unit}
  }
  return undefined
}
