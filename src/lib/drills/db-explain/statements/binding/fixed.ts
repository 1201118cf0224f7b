/** Values of parameters that no data decides: how many rows are wanted, what a function is told to do, what is only shown. */
import type {Value} from '../../query.js'
import {bodyOf, listOf, nodesOf, partsOf, type Syntax} from '../syntax.js'
import {parametersIn, withoutCasts} from './columns.js'

/** A page as an application asks for it. */
const LIMIT = '50'

/** What functions take at a position, where any other text is an error. */
const ARGUMENTS: Readonly<Record<string, {readonly position: number; readonly value: string}>> = {
  date_trunc: {position: 0, value: 'day'},
  date_part: {position: 0, value: 'day'},
  extract: {position: 0, value: 'day'},
  timezone: {position: 0, value: 'UTC'},
  to_char: {position: 1, value: 'YYYY-MM-DD'},
  to_date: {position: 1, value: 'YYYY-MM-DD'},
  to_timestamp: {position: 1, value: 'YYYY-MM-DD'},
}

export type Fixed = ReadonlyMap<number, Value>

/** Of a query's own tree: LIMIT, OFFSET, and arguments of functions. */
export function fixedIn(tree: Syntax): Fixed {
  const fixed = new Map<number, Value>()
  for (const call of nodesOf(tree, 'FuncCall')) {
    const argument = ARGUMENTS[partsOf(call['funcname']).at(-1) ?? '']
    const at = argument === undefined ? undefined : parameterAt(listOf(call['args'])[argument.position])
    if (argument !== undefined && at !== undefined) fixed.set(at, argument.value)
  }
  for (const select of selectsIn(tree)) {
    const offset = select['limitOffset']
    // As in `OFFSET ($1 - 1) * $2`, where 1 is the first page.
    const first = parameterAt(offset) === undefined ? '1' : '0'
    for (const number of parametersIn(offset)) fixed.set(number, first)
    for (const number of parametersIn(select['limitCount'])) fixed.set(number, LIMIT)
  }
  return fixed
}

/** Sides of a UNION stand in their parent without a name of their own. */
function selectsIn(tree: Syntax): readonly Record<string, unknown>[] {
  const below = nodesOf(tree, 'SelectStmt')
  return [...below, ...nodesOf(tree, 'larg'), ...nodesOf(tree, 'rarg')]
}

function parameterAt(tree: unknown): number | undefined {
  const number = bodyOf(withoutCasts(tree), 'ParamRef')?.['number']
  return typeof number === 'number' ? number : undefined
}

const NEUTRAL: readonly (readonly [RegExp, string])[] = [
  [/\[\]$/, '{}'],
  [/^(smallint|integer|bigint|numeric|real|double precision)/, '1'],
  [/^boolean/, 'true'],
  [/^(text|character|"char"|citext|name)/, 'x'],
  [/^interval/, '1 day'],
  [/^(date|timestamp)/, '2020-01-01'],
  [/^time/, '12:00'],
  [/^uuid/, '00000000-0000-0000-0000-000000000000'],
  [/^jsonb?/, '{}'],
  [/^regconfig/, 'simple'],
]

/** For one that no condition asks about; undefined for types that nobody here knows. */
export function neutralOf(type: string): string | undefined {
  return NEUTRAL.find(([pattern]) => pattern.test(type))?.[1]
}

/** The same tree with those parameters as constants; `shift` is what their numbers in the tree are higher by. */
export function withFixed(tree: unknown, fixed: Fixed, shift: number): unknown {
  if (Array.isArray(tree)) return tree.map((item) => withFixed(item, fixed, shift))
  if (typeof tree !== 'object' || tree === null) return tree
  const number = bodyOf(tree, 'ParamRef')?.['number']
  const value = typeof number === 'number' ? fixed.get(number - shift) : undefined
  if (typeof value === 'string') return {A_Const: {sval: {sval: value}}}
  return Object.fromEntries(Object.entries(tree).map(([name, inner]) => [name, withFixed(inner, fixed, shift)]))
}
