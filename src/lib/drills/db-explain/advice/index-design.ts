/** An index as it could be made. Pure; identifiers are kept unquoted and quoted when they are written. */

/** The last two are never proposed, only found. */
export type IndexMethod = 'btree' | 'gin' | 'gist' | 'brin' | 'hash' | 'spgist' | 'other'

/** One key: a column, or an expression over columns. */
export type IndexKey = (
  | {readonly column: string}
  | {readonly expression: string} // SQL without the outer parentheses: `lower(email)`
) & {
  /** `gin_trgm_ops`, `text_pattern_ops`; undefined is the type's default. */
  readonly operatorClass?: string
  readonly descending?: boolean
  /** Undefined is the default of the direction: last ascending, first descending. */
  readonly nullsFirst?: boolean
}

export interface IndexDesign {
  readonly schema: string
  readonly table: string
  readonly method: IndexMethod
  readonly keys: readonly IndexKey[]
  /** Columns that are only carried along, for index-only scans. */
  readonly include: readonly string[]
  /** SQL of the predicate of a partial index: `deleted_at IS NULL`. */
  readonly where?: string
  readonly unique?: boolean
}

/** A design, whom it is to serve, and why. */
export interface Candidate {
  readonly design: IndexDesign
  /** Names of queries. */
  readonly serves: readonly string[]
  /** One sentence: `equality on room_id, then newest first for LIMIT 50`. */
  readonly why: string
  /** Not to win, but to be told beside the winner: a BRIN that is slower and a hundred times smaller. */
  readonly alternative?: boolean
  /** Extensions that must be there first: `pg_trgm`. */
  readonly needs: readonly string[]
}

/** A candidate that was not taken. */
export interface Rejected {
  readonly design: IndexDesign
  readonly serves: readonly string[]
  /** `messages_room_idx covers it`, `no plan uses it`, `saves 0.1 % of the workload`. */
  readonly reason: string
}
