/** What one scan is looked at with, and the index that comes to mind: not yet held against what exists. */
import type {Value} from '../../query.js'
import type {Use} from '../covers.js'
import type {IndexDesign, IndexKey, Rejected} from '../index-design.js'
import type {Condition} from '../conditions/condition.js'
import type {Scan} from '../scans/scan.js'
import type {ServerFacts, TableFacts} from '../table-facts.js'

export interface Ask {
  /** The query that the scan is of. */
  readonly query: string
  readonly server: ServerFacts
  /**
   * All values that are bound to its parameters, of every binding. A literal of the plan that is among them is taken for a parameter and never goes
   * into the predicate of a partial index; every other one stands in the query's text, or in a view's.
   */
  readonly bound: readonly Value[]
}

export interface View extends Ask {
  readonly scan: Scan
  readonly facts: TableFacts
}

export interface Wish {
  readonly design: IndexDesign
  readonly use: Use
  readonly why: string
  readonly alternative?: boolean
  readonly needs?: readonly string[]
}

/** A key that is compared with one value, or with one of a list. */
export interface Equality {
  readonly key: IndexKey
  readonly condition: Condition
  readonly share: number | undefined
}

/** Wishes, and what was given up on the way to them. */
export interface Wished {
  readonly wishes: readonly Wish[]
  readonly given: readonly Rejected[]
}

export function designOf({facts}: View, keys: readonly IndexKey[], more: Partial<IndexDesign> = {}): IndexDesign {
  return {schema: facts.schema, table: facts.name, method: 'btree', keys, include: [], ...more}
}

export function givenUp(view: View, keys: readonly IndexKey[], reason: string): Rejected {
  return {design: designOf(view, keys), serves: [view.query], reason}
}

/** `84 %`; never 0 where there is something. */
export function percent(share: number): string {
  const whole = Math.round(share * 100)
  return whole === 0 && share > 0 ? 'under 1 %' : `${whole} %`
}
