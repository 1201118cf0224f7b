/** Reads the conjuncts of a condition text that concern one table; what holds a SubPlan is left out, the others are kept. */
import type {Node} from 'libpg-query'
import type {Condition} from './condition.js'
import {comparisonOf} from './comparison.js'
import {operandOf, sidesOf, type IsOwn} from './operand.js'
import {columnsOf, parseExpression, textOf, withoutAliases} from './tree.js'

/** The answer of an InitPlan is known before the scan begins, like a parameter; written so from Postgres 17 on, `$0` before. */
const INIT_PLAN = /\((?:hashed )?InitPlan \d+\)\.col\d+/g

/** Conjuncts that do not look at the table are left out. */
export function readConditions(text: string | undefined, isOwn: IsOwn): readonly Condition[] {
  return conjunctsOf(text).flatMap((node) => {
    const own = columnsOf(node).some(({alias}) => isOwn(alias))
    return own ? [conditionOf(node, isOwn)] : []
  })
}

/** Each conjunct as a tree; those that are no SQL are skipped. */
export function conjunctsOf(text: string | undefined): readonly Node[] {
  if (text === undefined) return []
  const sql = text.replaceAll(INIT_PLAN, '$1')
  const whole = parseExpression(sql)
  if (whole !== undefined) return flatten(whole, 'AND_EXPR')
  const parts = splitAtAnd(sql)
  return parts.length < 2 ? [] : parts.flatMap(conjunctsOf)
}

function conditionOf(node: Node, isOwn: IsOwn): Condition {
  const branches = flatten(node, 'OR_EXPR')
  if (branches.length > 1) {
    return {
      ...frameOf(node, isOwn),
      kind: 'or',
      operator: 'OR',
      branches: branches.map((branch) => flatten(branch, 'AND_EXPR').map((one) => conditionOf(one, isOwn))),
    }
  }
  return {...frameOf(node, isOwn), ...(flagOf(node, isOwn) ?? nullTestOf(node, isOwn) ?? comparisonOf(node, isOwn))}
}

function frameOf(node: Node, isOwn: IsOwn): Condition {
  return {
    sql: textOf(withoutAliases(node)),
    kind: 'other',
    operator: '',
    operands: [],
    given: {kind: 'none'},
    columns: sidesOf(node, isOwn).own,
    branches: [],
  }
}

/** `archived`, `NOT archived`, `archived IS TRUE`; what NULL has to do with it makes no difference to an index. */
function flagOf(node: Node, isOwn: IsOwn): Partial<Condition> | undefined {
  if ('BoolExpr' in node && node.BoolExpr.boolop === 'NOT_EXPR')
    return flagWith(node.BoolExpr.args?.[0], isOwn, 'false')
  if (!('BooleanTest' in node)) return flagWith(node, isOwn, 'true')
  const wanted = ['IS_TRUE', 'IS_NOT_FALSE'].includes(node.BooleanTest.booltesttype ?? '')
  return flagWith(node.BooleanTest.arg, isOwn, String(wanted))
}

function flagWith(node: Node | undefined, isOwn: IsOwn, wanted: string): Partial<Condition> | undefined {
  if (node === undefined || !('ColumnRef' in node)) return undefined
  const operand = operandOf(node, isOwn)
  const given = {kind: 'constants' as const, texts: [wanted], type: 'boolean'}
  return operand && {kind: 'flag', operator: '=', operands: [operand], given}
}

function nullTestOf(node: Node, isOwn: IsOwn): Partial<Condition> | undefined {
  if (!('NullTest' in node) || node.NullTest.arg === undefined) return undefined
  const operand = operandOf(node.NullTest.arg, isOwn)
  if (operand === undefined) return undefined
  const kind = node.NullTest.nulltesttype === 'IS_NULL' ? 'null' : 'not-null'
  return {kind, operator: kind === 'null' ? 'IS NULL' : 'IS NOT NULL', operands: [operand]}
}

function flatten(node: Node, operator: 'AND_EXPR' | 'OR_EXPR'): readonly Node[] {
  if (!('BoolExpr' in node) || node.BoolExpr.boolop !== operator) return [node]
  return (node.BoolExpr.args ?? []).flatMap((one) => flatten(one, operator))
}

/** Splits `((a = 1) AND (hashed SubPlan 1))` at the ANDs of its outermost level; one part where there are none. */
function splitAtAnd(text: string): readonly string[] {
  const inner = isWrapped(text) ? text.slice(1, -1) : text
  const parts: string[] = []
  let from = 0
  walkOutside(inner, (at, depth) => {
    if (depth !== 0 || !inner.startsWith(' AND ', at)) return
    parts.push(inner.slice(from, at))
    from = at + ' AND '.length
  })
  parts.push(inner.slice(from))
  return parts
}

/** Its first parenthesis is closed by its last. */
function isWrapped(text: string): boolean {
  if (!text.startsWith('(')) return false
  let closedAt = -1
  walkOutside(text, (at, depth) => {
    if (depth === 0 && closedAt < 0 && at > 0) closedAt = at
  })
  return closedAt === text.length - 1
}

/** Every place outside of '…' and "…" (doubled quotes fall out of it by themselves), with its depth of parentheses after it. */
function walkOutside(text: string, look: (at: number, depth: number) => void): void {
  let depth = 0
  let quote: string | undefined
  for (let at = 0; at < text.length; at++) {
    const letter = text.charAt(at)
    if (quote !== undefined) {
      if (letter === quote) quote = undefined
      continue
    }
    if (letter === "'" || letter === '"') quote = letter
    else if (letter === '(') depth += 1
    else if (letter === ')') depth -= 1
    look(at, depth)
  }
}
