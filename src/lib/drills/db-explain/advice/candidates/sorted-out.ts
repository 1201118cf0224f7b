/** Sorts the conditions of a scan by what an index could do with them: equalities, ranges, predicates of a partial index. Pure. */
import type {Condition} from '../conditions/condition.js'
import type {IndexKey, Rejected} from '../index-design.js'
import type {ColumnFacts} from '../table-facts.js'
import {correlatedWith} from './correlated.js'
import {treeKeyOf, withPatternClass, type KeyOrReason} from './keys.js'
import {averageShare, isSame, shareOf, statisticsFor} from './selectivity.js'
import {givenUp, percent, type Equality, type View} from './view.js'

/** Looking up more of a table than this costs more than reading it. */
export const UNSELECTIVE = 0.3
/** A predicate over a column of more values than this is one of many alike. */
const FEW_VALUES = 20
/** Leaving out less of a table is not worth an index that serves less. */
const NEARLY_ALL = 0.995

export interface RangeKeys {
  readonly keys: readonly IndexKey[]
  readonly condition: Condition
}

export interface SortedOut {
  /** The most selective first. */
  readonly equalities: readonly Equality[]
  readonly ranges: readonly RangeKeys[]
  /** Same in every call of the query, and of few values. */
  readonly predicates: readonly Condition[]
  readonly given: readonly Rejected[]
  /** To be told with what comes out. */
  readonly note: string | undefined
}

const EQUAL = ['equal', 'one-of', 'null', 'flag']

export function sortOut(conditions: readonly Condition[], view: View): SortedOut {
  const given: Rejected[] = []
  const all = conditions.filter(({kind}) => EQUAL.includes(kind)).flatMap((one) => equalityOf(one, view, given))
  const sorted = all.toSorted((a, b) => (a.share ?? 1) - (b.share ?? 1))
  const correlated = correlatedWith(sorted, view)
  if (correlated !== undefined) given.push(correlated.given)
  const equalities = sorted.filter((one) => one !== correlated?.needless)
  const ranges = conditions.flatMap((one) => rangeOf(one, view, given))
  const predicates = conditions.filter((one) => isPredicate(one, view))
  return {equalities, ranges: onceEach(ranges), predicates, given, note: correlated?.note}
}

function equalityOf(condition: Condition, view: View, given: Rejected[]): readonly Equality[] {
  const [operand] = condition.operands
  if (operand === undefined) return []
  const share = shareOf(condition, view.facts)
  const {key, reason} = treeKeyOf(operand, view)
  const common = share !== undefined && share > UNSELECTIVE
  if (reason === undefined && !common) return [{key, condition, share}]
  given.push(givenUp(view, [key], reason ?? `${operand.sql} alone keeps ${percent(share ?? 1)} of the rows`))
  return []
}

function rangeOf(condition: Condition, view: View, given: Rejected[]): readonly RangeKeys[] {
  if (condition.kind !== 'range' && condition.kind !== 'prefix') return []
  const made = condition.operands.map((operand): KeyOrReason => treeKeyOf(operand, view))
  const keys = made.map(({key}) => (condition.kind === 'prefix' ? withPatternClass(key, condition, view) : key))
  const reason = made.find((one) => one.reason !== undefined)?.reason ?? tooOld(condition, view)
  if (reason === undefined) return [{keys, condition}]
  given.push(givenUp(view, keys, reason))
  return []
}

/** https://www.postgresql.org/docs/release/15.0/: starts_with() and ^@ use b-trees from then on. */
function tooOld({operator}: Condition, {server}: View): string | undefined {
  if (operator !== '^@' || server.version >= 15) return undefined
  return "before Postgres 15 no b-tree answers starts_with(); LIKE 'x%' can be answered"
}

/** Both ends of a BETWEEN are one range. */
function onceEach(ranges: readonly RangeKeys[]): readonly RangeKeys[] {
  return [...new Map(ranges.map((range) => [JSON.stringify(range.keys), range])).values()]
}

/** Never from a parameter, never from a function such as now(). */
function isPredicate(condition: Condition, view: View): boolean {
  const {kind, operands} = condition
  const column = view.facts.columns.find(({name}) => name === operands[0]?.column)
  const share = shareOf(condition, view.facts)
  if (column === undefined || (share ?? 0) > NEARLY_ALL) return false
  if (kind === 'null' || kind === 'not-null') return true
  if (!['equal', 'one-of', 'flag'].includes(kind) || share === undefined) return false
  return (column.category === 'B' || hasFewValues(column)) && isFixed(condition, view)
}

function hasFewValues({distinct}: ColumnFacts): boolean {
  return distinct !== undefined && distinct <= FEW_VALUES
}

/** Its literals stand in the query's text. */
function isFixed({given}: Condition, {bound}: View): boolean {
  if (given.kind !== 'constants') return false
  return !given.texts.some((text) => bound.some((value) => value !== null && isSame(text, value)))
}

/** Of a join: the share of the table that one value of it finds; undefined where nobody knows. */
export function shareOfJoin(
  operand: {readonly column: string | undefined; readonly sql: string},
  {facts}: View,
): number | undefined {
  const statistics = statisticsFor(operand.column, operand.sql, facts)
  return statistics && averageShare(statistics)
}
