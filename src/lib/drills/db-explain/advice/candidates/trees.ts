/** The b-trees that could serve a scan: equalities first, then the order that a LIMIT wants, then one range (notes A8). Pure. */
import type {Condition} from '../conditions/condition.js'
import {nameOfKey} from '../covers.js'
import type {IndexKey} from '../index-design.js'
import {joinsFor, type JoinKey} from './join-keys.js'
import {orderKeys} from './order-keys.js'
import {shareOfAll} from './selectivity.js'
import {sortOut, type SortedOut} from './sorted-out.js'
import {designOf, type Equality, type View, type Wish, type Wished} from './view.js'

const WIDEST = 4
/** Ranges that are tried, one an index. */
const RANGES = 2
/** Below this share an index over the rest of the table would be waste. */
const RARE = 0.1

/** A set of equalities, and the predicate under which they are looked at. */
interface Variant {
  readonly equalities: readonly Equality[]
  readonly predicates: readonly Condition[]
}

interface Shape {
  readonly equal: readonly IndexKey[]
  readonly rest: readonly IndexKey[]
  readonly sorted: boolean
  /** The first key is what a join looks up. */
  readonly joined: boolean
}

export function treesFor(view: View, conditions: readonly Condition[] = view.scan.conditions): Wished {
  const sorted = sortOut(conditions, view)
  const {keys: joins, given} = joinsFor(view)
  const wishes = variantsOf(sorted, view).flatMap((variant) =>
    shapesOf(variant, sorted, {joins, view}).map((shape) => wishOf(shape, variant, {view, note: sorted.note})),
  )
  return {wishes, given: [...sorted.given, ...given]}
}

/** With all rows, and with those alone for which the predicates hold. Where these are rare, the index of all rows is left out if it would have nothing else to look up. */
function variantsOf({equalities, predicates}: SortedOut, {facts}: View): readonly Variant[] {
  if (predicates.length === 0) return [{equalities, predicates: []}]
  const left = equalities.filter(({condition}) => !predicates.includes(condition))
  const partial = {equalities: left, predicates: predicates.toSorted((a, b) => (a.sql < b.sql ? -1 : 1))}
  const rare = shareOfAll(predicates, facts) < RARE
  return rare ? [partial, {equalities, predicates: []}] : [{equalities, predicates: []}, partial]
}

interface Around {
  readonly joins: readonly JoinKey[]
  readonly view: View
}

function shapesOf(variant: Variant, sorted: SortedOut, {joins, view}: Around): readonly Shape[] {
  const order = orderKeys(view)
  const own = ownShapes(variant, sorted, order)
  const joined = joins.flatMap((join) => joinShapes(join, variant, {sorted, order}))
  const shapes = [...own, ...joined]
  return shapes.length > 0 ? shapes : lonely(variant, view)
}

function ownShapes({equalities}: Variant, {ranges}: SortedOut, order: readonly IndexKey[]): readonly Shape[] {
  const singles = equalities.filter(({condition}) => condition.kind !== 'one-of')
  const several = equalities.filter(({condition}) => condition.kind === 'one-of')
  // Rows that are found by a list of values do not come in the order of what follows.
  const ordered = order.length > 0 ? [shape(keysOf(singles), [...order, ...keysOf(several)], true)] : []
  const ranged = ranges
    .slice(0, RANGES)
    .filter(({keys}) => several.length > 0 || !beginsWith(order, keys))
    .map(({keys}) => shape(keysOf(equalities), keys, false))
  const needsPlain = several.length > 0 ? ranges.length === 0 : ordered.length + ranged.length === 0
  const plain = needsPlain && equalities.length > 0 ? [shape(keysOf(equalities), [], false)] : []
  return [...ordered, ...ranged, ...plain]
}

function beginsWith(order: readonly IndexKey[], keys: readonly IndexKey[]): boolean {
  return order.length >= keys.length && keys.every((key, at) => isSameKey(key, order[at]))
}

interface Rest {
  readonly sorted: SortedOut
  readonly order: readonly IndexKey[]
}

/** The values of the other table come first: they are looked up one by one. */
function joinShapes(join: JoinKey, {equalities}: Variant, {sorted, order}: Rest): readonly Shape[] {
  const equal = [join.key, ...keysOf(equalities).filter((key) => !isSameKey(key, join.key))]
  const [range] = sorted.ranges
  const tail = order.length > 0 ? order : (range?.keys ?? [])
  return [{...shape(equal, tail, order.length > 0), joined: true}]
}

/** A rare predicate with nothing else to look up: its own column is as good a key as any. */
function lonely({predicates}: Variant, {facts}: View): readonly Shape[] {
  const column = predicates[0]?.operands[0]?.column
  if (column === undefined || shareOfAll(predicates, facts) >= RARE) return []
  return [shape([{column}], [], false)]
}

function shape(equal: readonly IndexKey[], rest: readonly IndexKey[], sorted: boolean): Shape {
  const kept = rest.filter((key) => !equal.some((one) => isSameKey(one, key)))
  const head = equal.slice(0, WIDEST)
  return {equal: head, rest: kept.slice(0, WIDEST - head.length), sorted, joined: false}
}

function wishOf(
  {equal, rest, sorted, joined}: Shape,
  {predicates}: Variant,
  {view, note}: {view: View; note: string | undefined},
): Wish {
  const where = predicates.length === 0 ? {} : {where: predicates.map(({sql}) => sql).join(' AND ')}
  const names = equal.map(nameOfKey)
  const looked = joined ? names.slice(1) : names
  const join = joined ? [`joined by ${names[0] ?? ''}`] : []
  const equalities = looked.length === 0 ? [] : [`equality on ${looked.join(', ')}`]
  const what = sorted ? `then in the order of ${listOf(rest)} for the LIMIT` : `then the range of ${listOf(rest)}`
  const partial = predicates.length === 0 ? [] : ['only the rows that it can ever ask for']
  const parts = [...join, ...equalities, ...(rest.length === 0 ? [] : [what]), ...partial]
  return {
    design: designOf(view, [...equal, ...rest], where),
    use: {equalities: equal.length, sorted, holds: view.scan.conditions.map(({sql}) => sql)},
    why: `${parts.join(', ').replace(/^then /, '')}${note === undefined ? '' : ` (${note})`}`,
  }
}

function keysOf(equalities: readonly Equality[]): readonly IndexKey[] {
  return equalities.map(({key}) => key)
}

function listOf(keys: readonly IndexKey[]): string {
  return keys.map((key) => `${nameOfKey(key)}${key.descending === true ? ' descending' : ''}`).join(', ')
}

function isSameKey(one: IndexKey, other: IndexKey | undefined): boolean {
  return other !== undefined && nameOfKey(one) === nameOfKey(other) && one.operatorClass === other.operatorClass
}
