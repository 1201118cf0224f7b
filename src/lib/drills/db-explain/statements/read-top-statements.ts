/** Reads from pg_stat_statements what costs the server the most time in the current database. */
import {DatabaseError, escapeIdentifier} from 'pg'
import {TargetError} from '../../../base/errors.js'
import type {Session} from '../../../protocols/postgres/session.js'
import type {Skipped} from '../query.js'
import {preparable} from './normalised.js'
import {readsIn} from './reads.js'
import {OURS, isOurs, skip, type Collected, type Statement} from './statement.js'
import {bodyOf, isTrouble, loadSyntax, type Syntaxer} from './syntax.js'

/** How many rows are looked through for each SELECT that is wanted: much of what a server does is no SELECT. */
const ROWS_PER_SELECT = 10

/** Said by the server in place of texts of other users. */
const HIDDEN = '<insufficient privilege>'

const HIDDEN_HINT = 'GRANT pg_read_all_stats TO the role that proofload connects as'

interface Row {
  readonly id: string | null
  readonly sql: string | null
  readonly calls: number
  readonly meanMs: number
}

/** At most `limit` SELECTs, the most expensive first. Rejects with a TargetError, which says what to do, where they cannot be read. */
export async function readTopStatements(session: Session, limit: number): Promise<Collected> {
  const syntax = await loadSyntax()
  const rows = await session.ask<Row>(await sqlFor(session), [limit * ROWS_PER_SELECT]).catch(explain)
  const readable = rows.filter(({sql}) => sql !== null && sql !== HIDDEN)
  if (rows.length === 0) {
    throw new TargetError('pg_stat_statements has counted nothing in this database yet', {
      hint: 'let the application work for a while, or write its queries into a file: --queries FILE.sql',
    })
  }
  const collected = collect(readable, limit, syntax)
  const hidden = rows.length - readable.length
  // What this role asked itself, as it logged in, is no workload.
  if (hidden > 0 && !collected.statements.some(readsTables)) {
    throw new TargetError('pg_stat_statements shows no texts to this role', {hint: HIDDEN_HINT})
  }
  return hidden === 0 ? collected : {...collected, skipped: [...collected.skipped, others(hidden)]}
}

function readsTables({syntax}: Statement): boolean {
  return readsIn(syntax).relations.some(({name}) => !name.startsWith('pg_'))
}

function others(count: number): Skipped {
  const reason = `${count} statements of other users may not be read: ${HIDDEN_HINT}`
  return {name: 'other-users', sql: '', place: undefined, reason}
}

function collect(rows: readonly Row[], limit: number, syntax: Syntaxer): Collected {
  const statements: Statement[] = []
  const skipped: Skipped[] = []
  let selects = 0
  for (const [index, {sql, calls, meanMs}] of rows.entries()) {
    if (selects >= limit) break
    const head = {name: `q${index + 1}`, sql: preparable((sql ?? '').replace(/[\s;]+$/, ''), syntax), place: undefined}
    const parsed = syntax.parse(head.sql)
    if (isTrouble(parsed)) skipped.push(skip(head, parsed.message))
    else if (isOurs(head.sql)) skipped.push(skip(head, 'it is of proofload itself'))
    else if (parsed[0] === undefined || parsed.length > 1) skipped.push(skip(head, several(parsed.length)))
    else {
      statements.push({...head, syntax: parsed[0], calls, meanMs, given: []})
      if (bodyOf(parsed[0], 'SelectStmt') !== undefined) selects += 1
    }
  }
  return {statements, skipped}
}

function several(count: number): string {
  return count === 0 ? 'it is empty' : `it is ${count} statements in one`
}

const COLUMNS = `
  SELECT ${OURS} n.nspname AS schema, array_agg(a.attname::text) AS columns
  FROM pg_extension e
  JOIN pg_namespace n ON n.oid = e.extnamespace
  JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = 'pg_stat_statements'
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
  WHERE e.extname = 'pg_stat_statements'
  GROUP BY 1`

/**
 * The same query of several users, or from inside and outside of functions, has a row each. What is nested in functions is not counted
 * again. `total_exec_time` was `total_time` before 1.8, which an upgraded server may still have.
 * Source: https://www.postgresql.org/docs/18/pgstatstatements.html
 */
async function sqlFor(session: Session): Promise<string> {
  const [found] = await session.ask<{schema: string; columns: readonly string[]}>(COLUMNS)
  if (found === undefined) {
    throw new TargetError('the extension pg_stat_statements is not installed in this database', {
      hint: 'put it into shared_preload_libraries, restart, and CREATE EXTENSION pg_stat_statements; or use --queries FILE.sql',
    })
  }
  const time = found.columns.includes('total_exec_time') ? 'total_exec_time' : 'total_time'
  const top = found.columns.includes('toplevel') ? 'AND toplevel' : ''
  return `
    SELECT ${OURS} queryid::text AS id, min(query) FILTER (WHERE query <> '${HIDDEN}') AS sql,
      sum(calls)::float8 AS calls, sum(${time}) / sum(calls) AS "meanMs"
    FROM ${escapeIdentifier(found.schema)}.pg_stat_statements
    WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) AND calls > 0 ${top}
    GROUP BY queryid
    ORDER BY sum(${time}) DESC, queryid
    LIMIT $1`
}

/** 55000: the extension is there, its library is not loaded. 42501: the view or the schema may not be read. */
function explain(cause: unknown): never {
  const code = cause instanceof DatabaseError ? cause.code : undefined
  if (code === '55000') {
    throw new TargetError('pg_stat_statements is installed, but the server does not load it', {
      cause,
      hint: 'add it to shared_preload_libraries and restart the server; or use --queries FILE.sql',
    })
  }
  if (code === '42501') {
    throw new TargetError('this role may not read pg_stat_statements', {cause, hint: HIDDEN_HINT})
  }
  throw cause
}
