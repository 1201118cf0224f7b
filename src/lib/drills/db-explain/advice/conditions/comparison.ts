/** Comparisons: which side is the table's, which kind of index could answer the operator, and what it is compared with. */
import type {A_Const, A_Expr, Node} from 'libpg-query'
import type {Condition, ConditionKind, Given} from './condition.js'
import {isPrefixPattern} from './patterns.js'
import {operandOf, sidesOf, type IsOwn} from './operand.js'
import {holds, lastOf} from './tree.js'

const KINDS: Readonly<Record<string, ConditionKind>> = {
  '=': 'equal',
  '<': 'range',
  '<=': 'range',
  '>': 'range',
  '>=': 'range',
  '^@': 'prefix',
  '~~': 'pattern',
  '~~*': 'pattern',
  '~': 'pattern',
  '~*': 'pattern',
  '@>': 'contains',
  '<@': 'contains',
  '&&': 'contains',
  '?': 'has-key',
  '?|': 'has-key',
  '?&': 'has-key',
  '@@': 'search',
  '@?': 'contains',
}

/** `5 > a` is `a < 5`; an operator that is not here has no other way round. */
const COMMUTED: Readonly<Record<string, string>> = {
  '=': '=',
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
  '@>': '<@',
  '<@': '@>',
  '&&': '&&',
  '@@': '@@',
}

type Read = Pick<Condition, 'kind' | 'operator' | 'operands' | 'given'>

/** Undefined where nothing is known of it. */
export function comparisonOf(node: Node, isOwn: IsOwn): Read | undefined {
  if ('FuncCall' in node) return startsWith(node, isOwn)
  if (!('A_Expr' in node)) return undefined
  const {kind} = node.A_Expr
  if (kind === 'AEXPR_OP_ANY') return anyOf(node.A_Expr, isOwn)
  return kind === 'AEXPR_OP' ? operatorOf(node.A_Expr, isOwn) : undefined
}

function operatorOf({name, lexpr, rexpr}: A_Expr, isOwn: IsOwn): Read | undefined {
  const operator = lastOf(name)
  if (lexpr === undefined || rexpr === undefined) return undefined
  const straight = pairOf(lexpr, rexpr, isOwn)
  if (straight !== undefined) return readOf(operator, straight)
  const turned = pairOf(rexpr, lexpr, isOwn)
  const commuted = COMMUTED[operator]
  return turned === undefined || commuted === undefined ? undefined : readOf(commuted, turned)
}

type Pair = Pick<Condition, 'operands' | 'given'>

function pairOf(side: Node, against: Node, isOwn: IsOwn): Pair | undefined {
  if (sidesOf(against, isOwn).own.length > 0) return undefined
  const parts = 'RowExpr' in side ? (side.RowExpr.args ?? []) : [side]
  const operands = parts.flatMap((part) => operandOf(part, isOwn) ?? [])
  return operands.length === 0 || operands.length < parts.length
    ? undefined
    : {operands, given: givenOf(against, isOwn)}
}

function readOf(operator: string, pair: Pair): Read {
  const kind = KINDS[operator] ?? 'other'
  const {given} = pair
  const isPrefix = operator === '~~' && given.kind === 'constants' && given.texts.every(isPrefixPattern)
  return {...pair, operator, kind: isPrefix ? 'prefix' : kind}
}

/** `x = ANY ('{1,2}')`; `'a' = ANY (tags)` is no condition that an index answers. */
function anyOf({name, lexpr, rexpr}: A_Expr, isOwn: IsOwn): Read | undefined {
  const operator = lastOf(name)
  if (lexpr === undefined || rexpr === undefined) return undefined
  const pair = pairOf(lexpr, rexpr, isOwn)
  if (pair === undefined) return undefined
  return operator === '=' ? {...pair, operator, kind: 'one-of'} : {...pair, operator, kind: 'other'}
}

function startsWith(node: Extract<Node, {FuncCall: unknown}>, isOwn: IsOwn): Read | undefined {
  const {funcname, args = []} = node.FuncCall
  const [side, against] = args
  if (lastOf(funcname) !== 'starts_with' || side === undefined || against === undefined) return undefined
  const pair = pairOf(side, against, isOwn)
  return pair && {...pair, operator: '^@', kind: 'prefix'}
}

function givenOf(node: Node, isOwn: IsOwn): Given {
  const {others} = sidesOf(node, isOwn)
  if (others.length > 0) return {kind: 'columns', aliases: others}
  const literal = literalOf(node)
  if (literal === undefined || holds(node, 'ParamRef', 'FuncCall')) return {kind: 'computed'}
  return {kind: 'constants', ...literal}
}

interface Literal {
  readonly texts: readonly string[]
  readonly type: string | undefined
}

function literalOf(node: Node): Literal | undefined {
  if ('A_Const' in node) return constantOf(node.A_Const)
  if (!('TypeCast' in node) || node.TypeCast.arg === undefined) return undefined
  const inner = literalOf(node.TypeCast.arg)
  const {names, arrayBounds} = node.TypeCast.typeName ?? {}
  const texts = arrayBounds === undefined ? inner?.texts : inner?.texts.flatMap(elementsOf)
  return texts && {texts, type: lastOf(names)}
}

function constantOf({ival, fval, sval, boolval}: A_Const): Literal | undefined {
  const number = ival === undefined ? fval?.fval : String(ival.ival ?? 0)
  const truth = boolval === undefined ? undefined : String(boolval.boolval ?? false)
  const text = number ?? (sval === undefined ? truth : (sval.sval ?? ''))
  return text === undefined ? undefined : {texts: [text], type: undefined}
}

/** The elements of an array in Postgres' text form: `{1,"a,b"}` (https://www.postgresql.org/docs/17/arrays.html#ARRAYS-IO). */
function elementsOf(array: string): readonly string[] {
  const found = array.slice(1, -1).match(/"(?:[^"\\]|\\.)*"|[^,]+/g) ?? []
  return found.map((one) => (one.startsWith('"') ? one.slice(1, -1).replaceAll(/\\(.)/g, '$1') : one))
}
