/** The flags of db-explain, and how they become its input. */
import {readFile} from 'node:fs/promises'
import {UsageError} from '../../base/errors.js'
import type {CommonInput} from '../../drills/drill.js'
import {CHECKS, type DbExplainInput, type Level, type Source} from '../../drills/db-explain/input.js'
import {option, type Read, repeated, toggle, type Values} from './option.js'
import {count, duration, oneOf, share, text, threshold} from './read.js'

const setting: Read<readonly [string, string]> = (given, name) => {
  const [, key, value] = /^([a-z_][\w.]*)=(.*)$/is.exec(given) ?? []
  if (key === undefined || value === undefined)
    throw new UsageError(`${name}: expected NAME=VALUE such as app.tenant=7, got '${given}'`)
  return [key, value]
}

export const dbExplainFlags = {
  queries: option(text, {
    value: 'FILE.sql',
    summary:
      "SELECTs to look at, separated by ';'. Comments above one may say '-- name: N', '-- calls: N' and '-- params: V, V'.",
  }),
  from: option(oneOf(['pg_stat_statements']), {
    value: 'pg_stat_statements',
    summary: 'Look at the statements that take most of the time on the server, in place of --queries.',
  }),
  top: option(count, {value: 'N', usual: '25', summary: 'With --from: how many of them.'}),
  rows: option(count, {
    value: 'N',
    usual: '1000000',
    summary: 'Messages in the database that is made when there is no --target.',
  }),
  goal: option(share, {
    value: 'SHARE',
    usual: '50%',
    summary:
      'Part of the time that the indexes must save, in each slow query and in the workload; 50% is half the time.',
  }),
  slow: option(duration, {value: 'TIME', usual: '10ms', summary: 'A query that takes longer is slow.'}),
  copy: toggle({
    summary: 'Copy the tables that the queries read into a Postgres of our own, and prove everything there.',
  }),
  'allow-ddl': toggle({
    summary: 'Build indexes at the target, in transactions that are rolled back. It blocks writers meanwhile.',
  }),
  gate: repeated(threshold, {
    value: 'RULE',
    summary:
      "What must hold, e.g. 'slow_queries == 0'; at a target that is only read it replaces the usual; repeatable.",
  }),
  check: repeated(oneOf(CHECKS), {
    value: CHECKS.join('|'),
    summary: 'Look at this too; repeatable. All of them by default when there is no --target.',
  }),
  role: option(text, {value: 'NAME', summary: 'SET ROLE to this before anything: row-level security changes plans.'}),
  set: repeated(setting, {
    value: 'NAME=VALUE',
    summary: 'A setting of the session, such as request.jwt.claims={"sub":"7"}; repeatable.',
  }),
  table: repeated(text, {
    value: 'NAME',
    summary: 'With --copy: a table beside those that the queries read; repeatable.',
  }),
  sample: option(share, {value: 'SHARE', usual: '100%', summary: 'With --copy: part of the rows.'}),
  'statement-timeout': option(duration, {
    value: 'TIME',
    usual: '30s',
    summary: 'No statement of ours at the target takes longer.',
  }),
  'measure-for': option(duration, {
    value: 'TIME',
    usual: '75s',
    summary: 'Most time that measuring takes, all queries together.',
  }),
  'sql-out': option(text, {value: 'FILE', summary: 'Write the DDL to apply to a file.'}),
  'show-values': toggle({summary: 'Show values of your data in plans; they are hidden by default.'}),
}

type Own = Values<typeof dbExplainFlags>

/** Reads the file of --queries. Throws a UsageError when it cannot be read, and for flags that do not go together. */
export async function toDbExplainInput(own: Own, common: CommonInput): Promise<DbExplainInput> {
  const level = levelOf(own, common)
  mustGoTogether(own, level)
  if (own['sql-out'] !== undefined) {
    const {checkSqlOut} = await import('../../drills/db-explain/sql-out.js')
    await checkSqlOut(own['sql-out'])
  }
  return {
    ...common,
    source: await sourceOf(own, level),
    level,
    rows: own.rows,
    goal: own.goal,
    gates: own.gate,
    checks: own.check.length === 0 ? undefined : [...new Set(own.check)],
    slowMs: own.slow,
    statementTimeoutMs: own['statement-timeout'],
    measureMs: own['measure-for'],
    role: own.role,
    settings: Object.fromEntries(own.set),
    tables: own.table,
    sample: own.sample,
    showsLiterals: own['show-values'],
    sqlOut: own['sql-out'],
  }
}

function levelOf(own: Own, {targets}: CommonInput): Level {
  if (own.copy && own['allow-ddl'])
    throw new UsageError('--copy and --allow-ddl are two ways to try an index: give one of them')
  if (targets.length === 0) {
    const flag = own.copy ? '--copy' : own['allow-ddl'] ? '--allow-ddl' : undefined
    if (flag !== undefined) throw new UsageError(`${flag} is about a database of yours: add --target`)
    return 'practice'
  }
  if (own.copy) return 'copy'
  return own['allow-ddl'] ? 'trial' : 'read'
}

function mustGoTogether(own: Own, level: Level): void {
  if (own.queries !== undefined && own.from !== undefined)
    throw new UsageError('--queries and --from both say where the queries come from: give one of them')
  if (level !== 'copy' && (own.table.length > 0 || own.sample !== 1))
    throw new UsageError('--table and --sample are about a copy: add --copy')
}

async function sourceOf({queries, from, top}: Own, level: Level): Promise<Source> {
  if (from !== undefined) return {kind: 'pg_stat_statements', limit: top}
  if (queries === undefined) {
    if (level === 'practice') return {kind: 'practice'}
    throw new UsageError('no query to look at', {hint: 'add --queries FILE.sql, or --from pg_stat_statements'})
  }
  const sql = await readFile(queries, 'utf8').catch(async (cause: unknown) => {
    const {whyUnreadable} = await import('../../targets/profile/yaml-file.js')
    throw new UsageError(`--queries ${queries}: ${whyUnreadable(cause)}`, {cause})
  })
  // What is empty, or annotated wrongly, is told before anything is started.
  const {readStatements} = await import('../../drills/db-explain/statements/read-statements.js')
  await readStatements(sql, queries)
  return {kind: 'file', file: queries, text: sql}
}
