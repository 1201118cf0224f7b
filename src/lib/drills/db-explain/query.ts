/** The statements of a workload: those that may be looked at, and those that were skipped with the reason. */
import type {Ms} from '../../base/units.js'

/** Both from 1, in the file that was read. */
export interface Place {
  readonly line: number
  readonly column: number
}

/** A value in Postgres' text form; null is NULL. The server infers its type. */
export type Value = string | null

/** One SELECT of the workload. */
export interface Query {
  /** Unique in the workload; the value of the metrics' tag `query`: `room-history`, or `q7`. */
  readonly name: string
  /** Without the `;` at its end. */
  readonly sql: string
  /** How often it is called, as a weight among the others; 1 where nobody says. */
  readonly calls: number
  /** What one call takes, as the server counted; undefined where it did not. */
  readonly meanMs: Ms | undefined
  readonly place: Place | undefined
  /** How many of `$1`, `$2`, … it has. */
  readonly parameters: number
  /** Values for them that were given with it, one row a set; may be empty. */
  readonly given: readonly (readonly Value[])[]
  /** The order of its rows is part of its answer. */
  readonly ordered: boolean
}

/** A statement that is not looked at. */
export interface Skipped {
  readonly name: string
  readonly sql: string
  readonly place: Place | undefined
  /** `it is an UPDATE`, `pg_sleep() is volatile`, `syntax error at or near "form"`. */
  readonly reason: string
}

export interface Workload {
  readonly queries: readonly Query[]
  readonly skipped: readonly Skipped[]
}

/** Where the values of one binding come from: DESIGN notes A3.3. */
export type Stratum = 'given' | 'common' | 'typical' | 'absent' | 'none'

/** One set of values for a query's parameters; of a query without any, `none` and no value. */
export interface Binding {
  readonly stratum: Stratum
  readonly values: readonly Value[]
}

/** A query that can be run: at least one binding. */
export interface BoundQuery extends Query {
  readonly bindings: readonly Binding[]
  /** A run of it was given up after so long: as it is, it takes longer. Undefined where every run ended. */
  readonly givenUpMs?: Ms
}
