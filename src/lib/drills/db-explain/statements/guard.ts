/** Lets through what only reads: one SELECT, nothing locked, no function with a side effect or with another answer each time. */
import type {Session} from '../../../protocols/postgres/session.js'
import type {Query, Skipped, Workload} from '../query.js'
import {catalogueOf, type Catalogue} from './catalogue.js'
import {readsIn} from './reads.js'
import {skip, type Collected, type Statement} from './statement.js'
import {bodyOf, listOf, loadSyntax, nodesOf, within, type Fields} from './syntax.js'

/** Asks the target's catalogue what the statements call and read; changes nothing. Names of queries stay as they are. */
export async function guard({statements, skipped}: Collected, session: Session): Promise<Workload> {
  const catalogue = catalogueOf(session, await loadSyntax())
  const queries: Query[] = []
  const refused: Skipped[] = []
  for (const statement of statements) {
    const reason = shapeTrouble(statement) ?? (await catalogueTrouble(statement, catalogue))
    if (reason === undefined) queries.push(queryOf(statement))
    else refused.push(skip(statement, reason))
  }
  return {queries, skipped: inOrder([...skipped, ...refused])}
}

function inOrder(skipped: readonly Skipped[]): readonly Skipped[] {
  const line = ({place}: Skipped) => place?.line ?? 0
  const column = ({place}: Skipped) => place?.column ?? 0
  return [...skipped].sort((one, other) => line(one) - line(other) || column(one) - column(other))
}

function queryOf({name, sql, syntax, calls, meanMs, place, given}: Statement): Query {
  const numbers = nodesOf(syntax, 'ParamRef').map(({number}) => Number(number ?? 0))
  const ordered = listOf(bodyOf(syntax, 'SelectStmt')?.['sortClause']).length > 0
  return {name, sql, calls, meanMs, place, given, ordered, parameters: Math.max(0, ...numbers)}
}

const WRITERS: Readonly<Record<string, string>> = {
  InsertStmt: 'an INSERT',
  UpdateStmt: 'an UPDATE',
  DeleteStmt: 'a DELETE',
  MergeStmt: 'a MERGE',
}

/** What can be seen without asking anybody. */
function shapeTrouble({syntax, sql}: Statement): string | undefined {
  const select = bodyOf(syntax, 'SelectStmt')
  if (select === undefined) return `it is ${kindOf(syntax, sql)}`
  for (const [name, value] of within(select)) {
    const writer = WRITERS[name]
    if (writer !== undefined) return `it has ${writer} in its WITH clause`
    if (name === 'lockingClause') return `it locks rows (FOR ${lockOf(value)})`
    if (name === 'intoClause') return 'it makes a table (SELECT INTO)'
    if (name === 'RangeTableSample' && (value as Fields)['repeatable'] === undefined) {
      return 'TABLESAMPLE without REPEATABLE has another answer each time'
    }
  }
  return undefined
}

function kindOf(syntax: Fields, sql: string): string {
  const [type = ''] = Object.keys(syntax)
  const word = (/^\W*(\w+)/.exec(sql)?.[1] ?? '').toUpperCase()
  return WRITERS[type] ?? `${/^[AEIOU]/.test(word) ? 'an' : 'a'} ${word}`
}

function lockOf(clauses: unknown): string {
  const strength = (bodyOf(listOf(clauses)[0], 'LockingClause')?.['strength'] ?? '') as string
  return strength.replace('LCS_FOR', '').replace('NOKEY', 'NO KEY ').replace('KEYSHARE', 'KEY SHARE')
}

async function catalogueTrouble({syntax}: Statement, catalogue: Catalogue): Promise<string | undefined> {
  const known = await catalogue.inspect(readsIn(syntax))
  if (known.trouble !== undefined) return known.trouble
  // One that is named and not there is for the server to tell of.
  if (known.relations.length === 0 && !known.callsOthers) {
    return readsIn(syntax).relations.length === 0 ? 'it reads no table' : undefined
  }
  const catalogues = known.relations.every(({schema}) => /^(pg_|information_schema$)/.test(schema))
  return catalogues && !known.callsOthers ? "it reads the server's own catalogues only" : undefined
}
