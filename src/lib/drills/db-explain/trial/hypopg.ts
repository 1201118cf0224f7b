/** What the extension HypoPG can be asked, wherever it is installed: indexes that exist for the planner of this session only. */
import type {Bytes} from '../../../base/units.js'
import type {Session} from '../../../protocols/postgres/session.js'
import {quoted} from '../advice/ddl.js'

export interface HypoIndex {
  readonly oid: string
  /** As it stands in plans; another one whenever it is made anew. */
  readonly name: string
}

export interface HypoPg {
  /** Rejects with the server's error. */
  make(ddl: string): Promise<HypoIndex>
  bytes(index: HypoIndex): Promise<Bytes>
  drop(index: HypoIndex): Promise<void>
  reset(): Promise<void>
}

const SCHEMA = `
  SELECT n.nspname AS schema FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
   WHERE e.extname = 'hypopg' AND has_schema_privilege(n.oid, 'USAGE')`

/** The schema of the extension, which need not be on the search_path; undefined where it is not there for us. */
export async function hypoPgOf(session: Session): Promise<string | undefined> {
  const [row] = await session.ask<{schema: string}>(SCHEMA)
  return row?.schema
}

export function hypoPgIn(session: Session, schema: string): HypoPg {
  const call = `${quoted(schema)}.hypopg`
  return {
    async make(ddl) {
      const sql = `SELECT indexrelid::text AS oid, indexname AS name FROM ${call}_create_index($1)`
      const [index] = await session.ask<HypoIndex>(sql, [ddl])
      if (index === undefined) throw new Error('HypoPG made no index and said nothing')
      return index
    },
    async bytes({oid}) {
      const sql = `SELECT ${call}_relation_size($1::oid)::float8 AS bytes`
      const [size] = await session.ask<{bytes: Bytes}>(sql, [oid])
      return size?.bytes ?? 0
    },
    async drop({oid}) {
      await session.ask(`SELECT ${call}_drop_index($1::oid)`, [oid])
    },
    async reset() {
      await session.ask(`SELECT ${call}_reset()`)
    },
  }
}
