/** Indexes for what a b-tree cannot look up: letters inside of texts, words, jsonb, arrays, ranges. Pure. */
import type {Condition, Operand} from '../conditions/condition.js'
import {hasTrigram} from '../conditions/patterns.js'
import type {IndexDesign, IndexKey, Rejected} from '../index-design.js'
import {keyOf} from './keys.js'
import {typeOf} from './types-of.js'
import {designOf, givenUp, type View, type Wish, type Wished} from './view.js'

const TRIGRAMS = 'pg_trgm'

interface Plan {
  readonly method: 'gin' | 'gist'
  readonly operatorClass?: string
  readonly why: string
  readonly needs?: readonly string[]
}

/** A condition that has an index, or the reason why it has none; undefined where it is no matter of such an index. */
type Planned = Plan | string | undefined

export function invertedFor(view: View, conditions: readonly Condition[] = view.scan.conditions): Wished {
  const wishes: Wish[] = []
  const given: Rejected[] = []
  for (const condition of conditions) {
    const [operand] = condition.operands
    const planned = operand === undefined ? undefined : planOf(condition, operand, view)
    if (operand === undefined || planned === undefined) continue
    const {key, reason} = keyOf(operand, view)
    if (reason !== undefined) given.push(gaveUp(view, key, reason))
    else if (typeof planned === 'string') given.push(gaveUp(view, key, planned))
    else wishes.push(wishOf(planned, key, view))
  }
  return {wishes, given}
}

function gaveUp(view: View, key: IndexKey, reason: string): Rejected {
  const {design, ...rest} = givenUp(view, [key], reason)
  return {...rest, design: {...design, method: 'gin'}}
}

function wishOf({method, operatorClass, why, needs = []}: Plan, key: IndexKey, view: View): Wish {
  const keys = [{...key, ...(operatorClass === undefined ? {} : {operatorClass})}]
  const more: Partial<IndexDesign> = {method}
  return {design: designOf(view, keys, more), use: {holds: view.scan.conditions.map(({sql}) => sql)}, why, needs}
}

function planOf(condition: Condition, operand: Operand, view: View): Planned {
  const type = typeOf(operand.tree, view.facts)
  switch (condition.kind) {
    case 'pattern':
      return trigrams(condition, operand, view)
    case 'search':
      return type === 'jsonb' ? jsonb(operand, '@>') : words(operand, type)
    case 'has-key':
      return type === 'jsonb' ? jsonb(operand, '?') : undefined
    case 'contains':
      return contained(condition, operand, {type, view})
    default:
      return undefined
  }
}

function trigrams({operator, given}: Condition, {sql}: Operand, {server}: View): Planned {
  if (given.kind === 'constants' && !given.texts.some((text) => hasTrigram(text, operator))) {
    return 'the pattern has no three letters in a row that an index could look for'
  }
  if (!server.installed.has(TRIGRAMS) && !server.available.has(TRIGRAMS))
    return 'the server does not have the extension pg_trgm'
  const needs = server.installed.has(TRIGRAMS) ? [] : [TRIGRAMS]
  return {method: 'gin', operatorClass: 'gin_trgm_ops', why: `letters anywhere in ${sql}`, needs}
}

function words({sql}: Operand, type: string | undefined): Planned {
  return type === undefined || type === 'tsvector' ? {method: 'gin', why: `words in ${sql}`} : undefined
}

function jsonb({sql}: Operand, operator: string): Plan {
  if (operator === '?') return {method: 'gin', why: `keys in ${sql}`}
  return {method: 'gin', operatorClass: 'jsonb_path_ops', why: `containment in ${sql}`}
}

interface Typed {
  readonly type: string | undefined
  readonly view: View
}

function contained({operator}: Condition, operand: Operand, {type, view}: Typed): Planned {
  const category = view.facts.columns.find(({name}) => name === operand.column)?.category
  if (type === 'jsonb') {
    return operator === '@>' || operator === '@?'
      ? jsonb(operand, operator)
      : 'no index answers what a jsonb is contained in'
  }
  if (category === 'A' || type?.endsWith('[]') === true) return {method: 'gin', why: `elements of ${operand.sql}`}
  return category === 'R' ? {method: 'gist', why: `overlaps of ${operand.sql}`} : undefined
}
