/** What pg_stat_statements counted of each statement, and between two looks. */
import {escapeIdentifier} from 'pg'
import type {Session} from '../../../../protocols/postgres/session.js'
import {reasonOf} from '../../../../protocols/postgres/trouble.js'
import type {Ms} from '../../../../base/units.js'

export interface Counted {
  readonly id: string
  /** Normalised: constants are `$1`, `$2`, … */
  readonly sql: string
  readonly calls: number
  readonly rows: number
  readonly totalMs: Ms
}

/** In words, why nothing can be read. */
export type NotCounted = string

const WHERE_IT_IS = `
  SELECT n.nspname AS "schema" FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
   WHERE e.extname = 'pg_stat_statements'`

/** Several users' calls of a statement are one; texts that we may not read are left out. Our own looks are known by the view's name. */
const statementsIn = (schema: string) => `
  SELECT queryid::text AS id, min(query) AS sql, sum(calls)::float8 AS calls, sum(rows)::float8 AS rows,
         sum(total_exec_time)::float8 AS "totalMs"
    FROM ${escapeIdentifier(schema)}.pg_stat_statements
   WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
     AND queryid IS NOT NULL AND query <> '<insufficient privilege>' AND query NOT LIKE '%pg_stat_statements%'
   GROUP BY queryid`

export async function countedStatements(session: Session): Promise<readonly Counted[] | NotCounted> {
  const [found] = await session.ask<{schema: string}>(WHERE_IT_IS)
  if (found === undefined)
    return 'pg_stat_statements is not installed in this database: CREATE EXTENSION pg_stat_statements'
  try {
    return await session.ask<Counted>(statementsIn(found.schema))
  } catch (error) {
    const reason = reasonOf(error)
    if (reason === '55000') return 'pg_stat_statements is not loaded: add it to shared_preload_libraries'
    if (reason === '42501') return 'pg_stat_statements may not be read: GRANT pg_read_all_stats'
    throw error
  }
}

/** What was called between two looks. Of a statement that was forgotten and came again, what it counts now. */
export function countedBetween(before: readonly Counted[], after: readonly Counted[]): readonly Counted[] {
  const known = new Map(before.map((one) => [one.id, one]))
  return after.flatMap((one) => {
    const old = known.get(one.id)
    if (old === undefined || old.calls > one.calls) return [one]
    const [calls, rows, totalMs] = [one.calls - old.calls, one.rows - old.rows, one.totalMs - old.totalMs]
    return calls > 0 ? [{...one, calls, rows, totalMs}] : []
  })
}
