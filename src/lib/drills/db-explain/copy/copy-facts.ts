/** What is to be copied of a user's database, and what was. */
import type {Bytes, Ms, Share} from '../../../base/units.js'
import type {Note} from '../../../load/noting.js'

export interface TableName {
  readonly schema: string
  readonly name: string
}

export interface CopyOrder {
  /** Relations that plans read, views that queries name; what they stand on comes along. Undefined: all that are the user's. */
  readonly tables?: readonly TableName[] | undefined
  /** Of the rows of each table; undefined copies all of them. */
  readonly sample?: Share | undefined
  readonly limits: {
    /** Of table data, as it lies at the source. */
    readonly bytes: Bytes
    /** For one table. */
    readonly timeoutMs: Ms
  }
  readonly signal: AbortSignal
  readonly note: (note: Note) => void
}

export interface CopiedTable extends TableName {
  readonly rows: number
  /** Rows that were not drawn, but are referred to by rows that were. */
  readonly parents: number
}

export interface NotCopied {
  /** `view app.totals`, `table app.remote`. */
  readonly what: string
  readonly why: string
}

export interface CopyFacts {
  readonly tables: readonly CopiedTable[]
  readonly notCopied: readonly NotCopied[]
  /** In what the copy differs from the source, one sentence each. */
  readonly notes: readonly string[]
  readonly sample: Share | undefined
  readonly tookMs: Ms
}
