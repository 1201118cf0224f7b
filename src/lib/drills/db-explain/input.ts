/** What db-explain is asked. */
import type {Ms, Share} from '../../base/units.js'
import type {CommonInput} from '../drill.js'

/** How far it may go at the target. */
export const LEVELS = ['practice', 'read', 'copy', 'trial'] as const
export type Level = (typeof LEVELS)[number]

export const CHECKS = [
  'cache-hit',
  'pagination',
  'cache',
  'n-plus-one',
  'pool',
  'unused',
  'inserts',
  'maintenance',
] as const
export type CheckName = (typeof CHECKS)[number]

/** Where the statements come from. */
export type Source =
  /** What the practice database is asked. */
  | {readonly kind: 'practice'}
  | {readonly kind: 'file'; readonly file: string; readonly text: string}
  | {readonly kind: 'pg_stat_statements'; readonly limit: number}

export interface DbExplainInput extends CommonInput {
  readonly source: Source
  readonly level: Level
  /** Messages of the practice database. */
  readonly rows: number
  /** By how much queries are to become faster: 1 − after/before. */
  readonly goal: Share
  /** What must hold at the level `read`; empty: the usual. */
  readonly gates: readonly string[]
  /** Undefined: all of them on a database of our own, none at a target. */
  readonly checks: readonly CheckName[] | undefined
  /** From here on a query is slow. */
  readonly slowMs: Ms
  /** No statement at the target may take longer. */
  readonly statementTimeoutMs: Ms
  /** Most time that measuring may take, all queries together. */
  readonly measureMs: Ms
  readonly role: string | undefined
  readonly settings: Readonly<Record<string, string>>
  /** Of a copy: tables beside those that the queries read. */
  readonly tables: readonly string[]
  /** Of a copy: share of the rows. */
  readonly sample: Share
  /** Values of the user's data are shown in plans. */
  readonly showsLiterals: boolean
  /** Where the DDL is written. */
  readonly sqlOut: string | undefined
}
