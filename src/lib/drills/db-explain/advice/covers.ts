/** Whether an index does already what another one would be made for. Pure. */
import type {IndexDesign, IndexKey} from './index-design.js'

export interface Use {
  /** So many of the first keys are compared for equality: among them neither order nor direction matters. Default 0. */
  readonly equalities?: number
  /** The keys after them give the order of the rows, so that their directions matter; default true. */
  readonly sorted?: boolean
  /** Conditions that hold in the query, canonical: a partial index with no other serves it. */
  readonly holds?: readonly string[]
}

/** `existing` serves whatever `design` would serve, in this use of it. */
export function covers(existing: IndexDesign, design: IndexDesign, use: Use = {}): boolean {
  if (existing.schema !== design.schema || existing.table !== design.table) return false
  if (!holdsIn(existing.where, design.where, use.holds ?? [])) return false
  switch (design.method) {
    case 'btree':
      return coversTree(existing, design, use)
    case 'gin':
    case 'gist':
      return coversInverted(existing, design)
    default:
      return coversFirst(existing, design)
  }
}

/** BRIN and hash: a b-tree does as much. */
function coversFirst({method, keys}: IndexDesign, design: IndexDesign): boolean {
  const [key] = design.keys
  return key !== undefined && [design.method, 'btree'].includes(method) && sameKey(keys[0], key)
}

/** `status`, `lower(email)`. */
export function nameOfKey(key: IndexKey): string {
  return 'column' in key ? key.column : key.expression
}

function holdsIn(where: string | undefined, wanted: string | undefined, holds: readonly string[]): boolean {
  if (where === undefined || where === wanted) return true
  const known = new Set([...holds, ...(wanted?.split(' AND ') ?? [])])
  return where.split(' AND ').every((one) => known.has(one))
}

function coversTree(existing: IndexDesign, design: IndexDesign, use: Use): boolean {
  const {equalities = 0} = use
  if (existing.method !== 'btree') return coversSingle(existing, design, equalities)
  if (findsOneRow(existing, design, equalities)) return true
  const equal = design.keys.slice(0, equalities)
  const head = existing.keys.slice(0, equalities)
  const tail = design.keys.slice(equalities)
  if (!equal.every((key) => head.some((one) => sameKey(one, key, true)))) return false
  return followsIn(existing.keys.slice(equalities), tail, use.sorted ?? true) && carries(existing, design)
}

/** A unique index whose keys are all compared for equality. */
function findsOneRow({unique, keys, where}: IndexDesign, design: IndexDesign, equalities: number): boolean {
  const equal = design.keys.slice(0, equalities)
  const all = keys.length > 0 && keys.every((key) => equal.some((one) => sameKey(key, one, true)))
  return unique === true && where === undefined && all
}

function followsIn(existing: readonly IndexKey[], wanted: readonly IndexKey[], sorted: boolean): boolean {
  if (existing.length < wanted.length) return false
  if (!wanted.every((key, at) => sameKey(existing[at], key))) return false
  const turns = wanted.map((key, at) => directionOf(existing[at]) === directionOf(key))
  // An index is read backwards as well as forwards, all of its keys together.
  const backwards = wanted.every((key, at) => directionOf(existing[at]) === opposite(key))
  return !sorted || turns.every(Boolean) || backwards
}

type Direction = `${'up' | 'down'} ${'first' | 'last'}`

function directionOf(key: IndexKey | undefined): Direction {
  const {descending = false, nullsFirst = descending} = key ?? {}
  return `${descending ? 'down' : 'up'} ${nullsFirst ? 'first' : 'last'}`
}

function opposite({descending = false, nullsFirst = descending}: IndexKey): Direction {
  return `${descending ? 'up' : 'down'} ${nullsFirst ? 'last' : 'first'}`
}

function carries(existing: IndexDesign, {include}: IndexDesign): boolean {
  const held = [...existing.include, ...existing.keys.flatMap((key) => ('column' in key ? [key.column] : []))]
  return include.every((column) => held.includes(column))
}

/** A hash index, or btree_gin and btree_gist: equality on one key. */
function coversSingle({method, keys}: IndexDesign, design: IndexDesign, equalities: number): boolean {
  const [only, ...others] = design.keys
  if (only === undefined || others.length > 0 || equalities !== 1 || design.include.length > 0) return false
  if (method === 'gin') return keys.some((key) => sameKey(key, only))
  return ['hash', 'gist'].includes(method) && sameKey(keys[0], only)
}

/** Every key of a GIN index can be used alone; of a GiST index only the first one. */
function coversInverted({method, keys}: IndexDesign, design: IndexDesign): boolean {
  const usable = method === 'gin' ? keys : keys.slice(0, 1)
  if (!['gin', 'gist'].includes(method)) return false
  return design.keys.every((key) =>
    usable.some((one) => sameExpression(one, key) && servesClass(one.operatorClass, key.operatorClass)),
  )
}

function servesClass(existing: string | undefined, wanted: string | undefined): boolean {
  if (existing === wanted) return true
  if (wanted === 'gin_trgm_ops') return existing === 'gist_trgm_ops'
  // The default class of jsonb answers more than jsonb_path_ops, only slower.
  return wanted === 'jsonb_path_ops' && existing === undefined
}

function sameKey(existing: IndexKey | undefined, wanted: IndexKey, equality = false): boolean {
  if (existing === undefined) return false
  const isPattern = (key: IndexKey): boolean => key.operatorClass?.endsWith('_pattern_ops') ?? false
  if (sameExpression(existing, wanted)) {
    return existing.operatorClass === wanted.operatorClass || (equality && (isPattern(existing) || isPattern(wanted)))
  }
  const asC = `${nameOfKey(wanted)} COLLATE "C"`
  return isPattern(wanted) && 'expression' in existing && existing.expression === asC
}

function sameExpression(one: IndexKey, other: IndexKey): boolean {
  return 'column' in one === 'column' in other && nameOfKey(one) === nameOfKey(other)
}
