/** One snapshot of the source, in which nothing can be written. */
import type {Ms} from '../../../base/units.js'
import type {Session} from '../../../protocols/postgres/session.js'

/** How names without a schema are read at the source, and how its texts are sorted. */
export interface Manners {
  readonly searchPath: readonly string[]
  readonly collation: string
}

/** Rejects as `work` does; the transaction is over then. Names come with their schema, as the search path is pg_catalog alone. */
export async function inSnapshot<Outcome>(
  source: Session,
  timeoutMs: Ms,
  work: (manners: Manners) => Promise<Outcome>,
): Promise<Outcome> {
  await source.run('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
  try {
    const [manners] = await source.ask<Manners>(`
      SELECT current_schemas(false)::text[] AS "searchPath", datcollate AS collation FROM pg_database WHERE datname = current_database()`)
    await source.run(`
      SET LOCAL search_path TO pg_catalog;
      SET LOCAL statement_timeout TO ${Math.ceil(timeoutMs)};
      SET LOCAL idle_in_transaction_session_timeout TO 0`)
    return await work(manners ?? {searchPath: [], collation: 'C'})
  } finally {
    if (source.isOpen) await source.run('ROLLBACK')
  }
}
