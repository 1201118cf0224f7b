/** Lets the server itself say what a query's parameters are: their types, and the conditions of its plan in which they stand. */
import type {Session} from '../../../../protocols/postgres/session.js'
import type {Query} from '../../query.js'
import {OURS} from '../statement.js'
import type {Fields, Syntaxer} from '../syntax.js'
import {attempt} from './read-only.js'

/** Plans of Postgres 16 and older write results of subqueries as `$0`, `$1`, … too; ours are numbered from here on. */
export const FIRST = 100

export interface GenericPlan {
  /** Of `$1`, `$2`, …, as format_type prints them. */
  readonly types: readonly string[]
  readonly root: Fields
}

const NAME = 'proofload_binding'

/** Partitions must not be thrown out because our stand-in for every value is NULL; rows of parallel workers come in any order. */
const SETTINGS = `
  SET LOCAL plan_cache_mode = force_generic_plan;
  SET LOCAL enable_partition_pruning = off;
  SET LOCAL max_parallel_workers_per_gather = 0`

/** Inside a transaction; leaves no prepared statement behind. Rejects with the server's error for what cannot be prepared. */
export async function genericPlan(query: Query, session: Session, syntax: Syntaxer): Promise<GenericPlan> {
  const unused = Array.from({length: FIRST}, () => 'int').join(', ')
  await session.run(SETTINGS)
  return attempt(session, async () => {
    await session.run(`PREPARE ${NAME} (${unused}) AS ${renumbered(query.sql, syntax)}`)
    try {
      return await attempt(session, () => describe(session))
    } finally {
      await session.run(`DEALLOCATE ${NAME}`)
    }
  })
}

async function describe(session: Session): Promise<GenericPlan> {
  const [prepared] = await session.ask<{types: readonly string[]}>(
    `SELECT ${OURS} parameter_types::text[] AS types FROM pg_prepared_statements WHERE name = '${NAME}'`,
  )
  const types = prepared?.types ?? []
  const values = types.map(() => 'NULL').join(', ')
  const {rows} = await session.read(`EXPLAIN (VERBOSE, COSTS OFF, FORMAT JSON) EXECUTE ${NAME} (${values})`)
  const [{Plan: root}] = JSON.parse(rows[0]?.[0] ?? '[{"Plan":{}}]') as [{Plan: Fields}]
  return {types: types.slice(FIRST), root}
}

function renumbered(sql: string, syntax: Syntaxer): string {
  let [result, done] = ['', 0]
  for (const {kind, text, start, end} of syntax.tokens(sql)) {
    if (kind !== 'PARAM') continue
    result += `${sql.slice(done, start)}$${Number(text.slice(1)) + FIRST}`
    done = end
  }
  return result + sql.slice(done)
}
