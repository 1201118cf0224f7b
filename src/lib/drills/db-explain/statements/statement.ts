/** A statement as it was collected, before anybody asked what it does. */
import type {Ms} from '../../../base/units.js'
import type {Place, Skipped, Value} from '../query.js'
import type {Syntax} from './syntax.js'

export interface Statement {
  readonly name: string
  /** Without the `;` at its end. */
  readonly sql: string
  readonly syntax: Syntax
  readonly calls: number
  readonly meanMs: Ms | undefined
  readonly place: Place | undefined
  readonly given: readonly (readonly Value[])[]
}

export interface Collected {
  readonly statements: readonly Statement[]
  /** What could not even be read. */
  readonly skipped: readonly Skipped[]
}

/** Stands in every statement that the drill itself sends beside the user's, so that it is known in pg_stat_statements. */
export const OURS = '/* proofload */'

export function isOurs(sql: string): boolean {
  return sql.includes(OURS) || /\bproofload_\w/i.test(sql)
}

export function skip({name, sql, place}: Omit<Skipped, 'reason'>, reason: string): Skipped {
  return {name, sql, place, reason}
}
