/** What the catalogue and its statistics say of one table. */
import type {Bytes} from '../../../base/units.js'
import type {IndexDesign} from './index-design.js'

/** What ANALYZE found out about a column or an expression. Shares are 0 to 1; undefined where there are no statistics. */
export interface Statistics {
  readonly averageWidth: Bytes | undefined
  /** Distinct values, as a number (already multiplied out where pg_stats tells a share). */
  readonly distinct: number | undefined
  readonly nullShare: number | undefined
  /** pg_stats.correlation, -1 to 1. */
  readonly correlation: number | undefined
  /** Most common values in text form with their shares, the most common first. */
  readonly common: readonly {readonly value: string; readonly share: number}[]
}

export interface ColumnFacts extends Statistics {
  readonly name: string
  /** As format_type prints it: `bigint`, `character varying(80)`. */
  readonly type: string
  /** The same without its length, and of a domain the type below it: `character varying`, `text[]`. */
  readonly baseType: string
  /** pg_type.typcategory: `A` arrays, `B` booleans, `D` dates and times, `E` enums, `N` numbers, `R` ranges, `S` strings. */
  readonly category: string
  /** Its type has an order, so that a b-tree can hold it. */
  readonly ordered: boolean
  /** Computed when it is read (Postgres 18); no index can hold it. */
  readonly virtual: boolean
  /** Collation is C or POSIX, so that LIKE 'x%' can use a plain b-tree. */
  readonly collatedAsC: boolean
  readonly notNull: boolean
}

export interface ExistingIndex {
  readonly name: string
  readonly design: IndexDesign
  readonly bytes: Bytes
  readonly isPrimary: boolean
  readonly isValid: boolean
  /** Scans since the statistics were reset. */
  readonly scans: number
  /** As pg_get_indexdef prints it. */
  readonly definition: string
}

/** An expression that has statistics of its own: that of an index, or of CREATE STATISTICS. */
export interface ExpressionFacts extends Statistics {
  /** Canonical, as in Operand.sql. */
  readonly sql: string
}

export type TableKind = 'table' | 'partitioned' | 'materialized-view' | 'view' | 'foreign' | 'other'

/** One that lies below a partitioned table, at whatever depth. */
export interface Partition {
  readonly schema: string
  readonly name: string
  /** `partitioned`: it has partitions itself. */
  readonly kind: 'table' | 'partitioned' | 'foreign'
  readonly parent: {readonly schema: string; readonly name: string}
}

export interface TableFacts {
  readonly oid: number
  readonly kind: TableKind
  /** Of a partitioned table: all that lie below it, under whose names plans speak of it; parents before their children. */
  readonly partitions: readonly Partition[]
  readonly schema: string
  readonly name: string
  /** reltuples; undefined before the first ANALYZE. */
  readonly rows: number | undefined
  readonly bytes: Bytes
  /** Share of pages that index-only scans need not look at. */
  readonly allVisible: number
  readonly columns: readonly ColumnFacts[]
  readonly expressions: readonly ExpressionFacts[]
  readonly indexes: readonly ExistingIndex[]
  /** Since the statistics were reset. */
  readonly writes: {
    readonly inserts: number
    readonly updates: number
    readonly hotUpdates: number
    readonly deletes: number
  }
}

/** A function or an operator with one set of argument types. */
export interface Signature {
  /** As format_type prints them; `-` for the missing left side of a prefix operator. */
  readonly arguments: readonly string[]
  readonly immutable: boolean
}

/** What the catalogue says that belongs to no table; read once a server and database. */
export interface ServerFacts {
  /** 13 to 18. */
  readonly version: number
  readonly installed: ReadonlySet<string>
  /** Extensions that CREATE EXTENSION would find. */
  readonly available: ReadonlySet<string>
  /** By name and number of arguments: `lower/1`; of operators `->>/2`. */
  readonly signatures: ReadonlyMap<string, readonly Signature[]>
}
