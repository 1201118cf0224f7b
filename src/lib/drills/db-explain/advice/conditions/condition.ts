/** What is asked of one table, as far as an index could answer it; read from the SQL that Postgres deparsed into a plan. */
import type {Node} from 'libpg-query'

/** A column of the table, or an expression over its columns alone. */
export interface Operand {
  /** Canonical, without alias: `lower(email)`. */
  readonly sql: string
  /** Where it is a column and nothing else, or one behind a cast to text. */
  readonly column: string | undefined
  /** It is a column that the plan casts to text. */
  readonly asText: boolean
  readonly columns: readonly string[]
  readonly tree: Node
}

/**
 * - `equal`, `one-of` (`= ANY`), `range` (also of rows), `null`, `not-null`, `flag` (a boolean, or its opposite): for a b-tree
 * - `prefix` (`LIKE 'x%'`, `starts_with`), `pattern` (`LIKE '%x%'`, `ILIKE`, regular expressions)
 * - `contains` (`@>`, `<@`, `&&`), `has-key` (`?`), `search` (`@@`)
 * - `or`: branches; `other`: nothing that we know an index for
 */
export type ConditionKind =
  | 'equal'
  | 'one-of'
  | 'range'
  | 'null'
  | 'not-null'
  | 'flag'
  | 'prefix'
  | 'pattern'
  | 'contains'
  | 'has-key'
  | 'search'
  | 'or'
  | 'other'

/** What it is compared with. */
export type Given =
  | {readonly kind: 'none'}
  /** Literals in the plan, from the query's text or from its parameters. */
  | {readonly kind: 'constants'; readonly texts: readonly string[]; readonly type: string | undefined}
  /** Known before the scan begins: `now() - '30 days'`, `$1`, the answer of an InitPlan. */
  | {readonly kind: 'computed'}
  /** Columns of other tables. */
  | {readonly kind: 'columns'; readonly aliases: readonly string[]}

export interface Condition {
  /** Canonical, without alias; holds the user's literals, so it is for DDL and not for messages. */
  readonly sql: string
  readonly kind: ConditionKind
  readonly operator: string
  /** More than one only where rows are compared: `(created_at, id) < (…)`. */
  readonly operands: readonly Operand[]
  readonly given: Given
  /** The columns of the table that it looks at. */
  readonly columns: readonly string[]
  /** Of an `or`: the conjunctions, one of which must hold. */
  readonly branches: readonly (readonly Condition[])[]
}
