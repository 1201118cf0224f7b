/** Turns what a condition looks at into the key of an index, or says why it can be none. Pure. */
import type {Condition, Operand} from '../conditions/condition.js'
import type {IndexKey} from '../index-design.js'
import type {ColumnFacts, TableFacts} from '../table-facts.js'
import {mutableReason} from './immutable.js'
import {statisticsFor} from './selectivity.js'
import type {View} from './view.js'

/** A b-tree takes no key that is wider than a third of a page (BTMaxItemSize in Postgres' access/nbtree.h). */
const WIDEST_KEY = 2700

/** These keep their bytes when Postgres casts them to text, so that the column itself can be looked up. */
const LIKE_TEXT = ['text', 'character varying']

/** Of an expression: the column types are looked at when it is made. */
export type KeyOrReason =
  {readonly key: IndexKey; readonly reason?: undefined} | {readonly key: IndexKey; readonly reason: string}

export function keyOf(operand: Operand, {facts, server}: View): KeyOrReason {
  const columns = operand.columns.map((name) => facts.columns.find((column) => column.name === name))
  const column = wholeColumn(operand, facts)
  const key: IndexKey = column === undefined ? {expression: operand.sql} : {column: column.name}
  const missing = operand.columns.find((_, at) => columns[at] === undefined)
  if (missing !== undefined) return {key, reason: `${missing} is a system column`}
  const virtual = columns.find((one) => one?.virtual === true)
  if (virtual !== undefined) return {key, reason: `${virtual.name} is computed when it is read, and is stored nowhere`}
  if (column !== undefined) return {key}
  const reason = mutableReason(operand.tree, facts, server)
  return reason === undefined ? {key} : {key, reason: `its value is not immutable: ${reason}`}
}

/** Further reasons, for a b-tree. */
export function treeKeyOf(operand: Operand, view: View): KeyOrReason {
  const made = keyOf(operand, view)
  if (made.reason !== undefined) return made
  const {key} = made
  const column = wholeColumn(operand, view.facts)
  if (column?.ordered === false) return {key, reason: `${column.baseType} has no order that a b-tree could keep`}
  return isTooWide(operand, view.facts) ? {key, reason: 'its values are too wide for a b-tree'} : {key}
}

/**
 * ANALYZE counts a value that is stored out of line by its pointer. But it leaves out values of more than 1,024 bytes, so that a text column
 * without any order or common value holds nothing else (WIDTH_THRESHOLD in Postgres' commands/analyze.c).
 */
export function isTooWide(operand: Operand, facts: TableFacts): boolean {
  const statistics = statisticsFor(operand.column, operand.sql, facts)
  if (statistics === undefined) return false
  const {averageWidth = 0, correlation, distinct, common} = statistics
  const isText = facts.columns.some(({name, category}) => name === operand.column && category === 'S')
  const leftOut = isText && correlation === undefined && common.length === 0 && (distinct ?? 0) > 1
  return averageWidth > WIDEST_KEY || leftOut
}

/** LIKE 'x%' looks up letters, which only a collation C and the pattern classes keep in order. */
export function withPatternClass(key: IndexKey, {operands}: Condition, {facts}: View): IndexKey {
  const columns = (operands[0]?.columns ?? []).flatMap((name) => facts.columns.filter((column) => column.name === name))
  if (columns.every(({collatedAsC}) => collatedAsC)) return key
  const [only] = columns
  const padded = 'column' in key && only?.baseType === 'character'
  return {...key, operatorClass: padded ? 'bpchar_pattern_ops' : 'text_pattern_ops'}
}

/** The column that is looked at without any change. */
export function wholeColumn({column, asText}: Operand, facts: TableFacts): ColumnFacts | undefined {
  const found = facts.columns.find(({name}) => name === column)
  return asText && found !== undefined && !LIKE_TEXT.includes(found.baseType) ? undefined : found
}
