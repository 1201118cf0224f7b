/** Copies what the queries of a run read, and sets those aside that read what could not be copied. */
import {DatabaseError} from 'pg'
import {UsageError} from '../../base/errors.js'
import type {Bytes} from '../../base/units.js'
import type {Session} from '../../protocols/postgres/session.js'
import {reasonOf} from '../../protocols/postgres/trouble.js'
import type {Kit, Lab} from '../drill.js'
import {quoted} from './advice/ddl.js'
import type {CopyFacts, TableName} from './copy/copy-facts.js'
import {copyInto} from './copy/copy-into.js'
import type {DbExplainPlan} from './plan.js'
import {explain} from './plans/explain.js'
import {relationsOf} from './plans/relations-of.js'
import type {BoundQuery, Skipped} from './query.js'
import {OURS} from './statements/statement.js'
import {nothingLeft, type BoundWorkload} from './workload.js'

const LARGEST: Bytes = 20 * 1024 ** 3
/** Copying a table may take so many times as long as a statement. */
const PATIENCE = 20

export interface Source {
  readonly session: Session
  readonly workload: BoundWorkload
}

export interface Copied {
  readonly copy: CopyFacts
  /** Of each query, what it reads, as the source's planner sees it. */
  readonly reads: ReadonlyMap<string, readonly TableName[]>
}

/** Of the tables that the queries read, and of those that were named. Throws a UsageError for one that is not there. */
export async function copyTables(plan: DbExplainPlan, kit: Kit, {session, workload}: Source): Promise<Copied> {
  const {lab, clock, signal} = kit
  if (lab === undefined) throw new Error('there is no database for the copy')
  const reads = new Map<string, readonly TableName[]>()
  for (const query of workload.queries) reads.set(query.name, await readsOf(query, session))
  const named: TableName[] = []
  for (const text of plan.tables) named.push(await tableCalled(text, session))
  const copy = await copyInto(session, lab, {
    tables: [...[...reads.values()].flat(), ...named],
    ...(plan.sample < 1 && {sample: plan.sample}),
    limits: {bytes: LARGEST, timeoutMs: plan.statementTimeoutMs * PATIENCE},
    signal,
    note: (note) => kit.note(note),
    clock,
  })
  return {copy, reads}
}

async function readsOf(query: BoundQuery, session: Session): Promise<readonly TableName[]> {
  const plans = []
  for (const {values} of query.bindings) plans.push(await explain(session, query, values))
  return relationsOf(plans)
}

const CALLED = `
  SELECT ${OURS} n.nspname AS schema, c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE c.oid = to_regclass($1)`

/** As SQL would write it, and so found by the search_path. */
async function tableCalled(text: string, session: Session): Promise<TableName> {
  const hint = 'write it as SQL does, capital letters and spaces in quotes: app."Big Orders"'
  const found = await session.ask<TableName>(CALLED, [text]).catch((cause: unknown) => {
    if (!(cause instanceof DatabaseError) || !session.isOpen) throw cause
    throw new UsageError(`--table ${text}: the server refuses it (${reasonOf(cause)})`, {cause, hint})
  })
  if (found[0] === undefined) throw new UsageError(`--table ${text}: there is none of that name`, {hint})
  return found[0]
}

/** What was set in the session at the source holds in the copy too: queries and views may read it. */
export async function settle(session: Session, {url}: Lab, settings: DbExplainPlan['settings']): Promise<void> {
  const database = quoted(decodeURIComponent(new URL(url).pathname.slice(1)))
  for (const [name, value] of Object.entries(settings)) {
    if (/^(role|session_authorization|search_path)$/i.test(name)) continue
    await session.ask('SELECT set_config($1, $2, false)', [name, value]).catch(refused)
    const [row] = await session.ask<{sql: string}>(
      `SELECT format('ALTER DATABASE ${database.replaceAll("'", "''")} SET ${name
        .split('.')
        .map((part) => quoted(part))
        .join('.')
        .replaceAll("'", "''")} TO %L', $1::text) AS sql`,
      [value],
    )
    await session.run(row?.sql ?? '').catch(refused)
  }
}

/** The copy's server may lack the extension that knows the setting. */
function refused(error: unknown): void {
  if (!(error instanceof DatabaseError)) throw error
}

/** Queries that the copy can answer, and those that it cannot, with the reason. */
export async function split(
  {queries, skipped}: BoundWorkload,
  {copy, reads}: Copied,
  session: Session,
): Promise<BoundWorkload> {
  const kept: BoundQuery[] = []
  const lost: Skipped[] = []
  for (const query of queries) {
    const missing = await firstMissing(reads.get(query.name) ?? [], session)
    if (missing === undefined) kept.push(query)
    else lost.push({...query, reason: `it reads ${missing}, which was not copied${whyNot(missing, copy)}`})
  }
  if (kept.length === 0 && lost.length > 0) throw nothingLeft(lost)
  return {queries: kept, skipped: [...skipped, ...lost]}
}

async function firstMissing(tables: readonly TableName[], session: Session): Promise<string | undefined> {
  for (const {schema, name} of tables) {
    const path = `${quoted(schema)}.${quoted(name)}`
    const [row] = await session.ask<{there: boolean}>(`SELECT ${OURS} to_regclass($1) IS NOT NULL AS there`, [path])
    if (row?.there !== true) return path
  }
  return undefined
}

function whyNot(path: string, {notCopied}: CopyFacts): string {
  const plain = (text: string): string => text.replaceAll('"', '')
  // Not what belongs to it, as `constraint a of app.messages`, whose reason is only that it is not there.
  const told = notCopied.find(({what}) => !what.includes(' of ') && plain(what).endsWith(` ${plain(path)}`))
  return told === undefined ? '' : `: ${told.why}`
}
