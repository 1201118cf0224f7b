/** What a SELECT names that could have an effect or be a table: functions, operators, types of casts, relations. */
import {bodyOf, listOf, nodesOf, partsOf, type Fields} from './syntax.js'

/** Schema undefined: whatever the search_path finds. */
export interface Named {
  readonly schema: string | undefined
  readonly name: string
}

export interface Call extends Named {
  readonly kind: 'function' | 'attribute' | 'operator' | 'cast'
  /** How many arguments of a function are given; undefined where that does not tell overloads apart. */
  readonly arguments?: number
}

export interface Reads {
  readonly calls: readonly Call[]
  /** Names of WITH clauses are among them: one of the same name may also be meant. */
  readonly relations: readonly Named[]
}

/** BETWEEN and its like stand in the tree under their keyword. */
const BEHIND_KEYWORDS = ['<', '<=', '>', '>=']

export function readsIn(tree: unknown): Reads {
  const calls = [...functionsIn(tree), ...operatorsIn(tree), ...attributesIn(tree), ...castsIn(tree)]
  return {calls, relations: nodesOf(tree, 'RangeVar').map(relationOf)}
}

function relationOf({schemaname, relname}: Fields): Named {
  return {schema: schemaname as string | undefined, name: relname as string}
}

function named(parts: readonly string[]): Named {
  return {schema: parts.at(-2), name: parts.at(-1) ?? ''}
}

function functionsIn(tree: unknown): readonly Call[] {
  return nodesOf(tree, 'FuncCall').map((call) => {
    const name = named(partsOf(call['funcname']))
    // Arguments of WITHIN GROUP and of VARIADIC count otherwise.
    const odd = call['agg_within_group'] === true || call['func_variadic'] === true
    const given = listOf(call['args']).length
    return odd ? {kind: 'function', ...name} : {kind: 'function', ...name, arguments: given}
  })
}

function operatorsIn(tree: unknown): readonly Call[] {
  const names = [
    ...nodesOf(tree, 'A_Expr').map(({name}) => name),
    ...nodesOf(tree, 'SubLink').map(({operName}) => operName),
    ...nodesOf(tree, 'SortBy').map(({useOp}) => useOp),
  ].map((name) => named(partsOf(name)))
  return names.flatMap(({schema, name}) => {
    const plain = /[A-Z]/.test(name) ? BEHIND_KEYWORDS : [name]
    return plain.map((each) => ({kind: 'operator' as const, schema, name: each}))
  })
}

/** `m.preview` is `preview(m)` where `m` has no such column. */
function attributesIn(tree: unknown): readonly Call[] {
  const columns = nodesOf(tree, 'ColumnRef').map(({fields}) => partsOf(fields))
  const picked = nodesOf(tree, 'A_Indirection').map(({indirection}) => ['', ...partsOf(indirection)])
  return [...columns, ...picked]
    .filter((parts) => parts.length > 1)
    .map((parts) => ({kind: 'attribute', schema: undefined, name: parts.at(-1) ?? '', arguments: 1}))
}

/** Its function may be written by the user. */
function castsIn(tree: unknown): readonly Call[] {
  return nodesOf(tree, 'TypeCast').map((cast) => {
    const type = cast['typeName'] as Fields | undefined
    return {kind: 'cast', ...named(partsOf(type?.['names'] ?? bodyOf(type, 'TypeName')?.['names']))}
  })
}
