/** Copies the rows of all tables, all of them or a share, and with a share the rows that they refer to. */
import {escapeIdentifier} from 'pg'
import {formatCount, formatSize} from '../../../base/format-units.js'
import type {CopiedTable, CopyOrder} from './copy-facts.js'
import {fetchParents, type ForeignKey} from './parents.js'
import {pour, type Pouring} from './pour.js'
import type {SourceTable} from './source-tables.js'

/** The same rows come in every copy of the same data. */
const DRAWN_FROM = 4711

export interface Rows {
  readonly tables: readonly CopiedTable[]
  /** Some rows refer to others that are not there. */
  readonly open: boolean
}

/** `tables` are those that stand on the copy; rows lie in plain tables and materialized views. */
export async function copyRows(
  pouring: Pouring,
  {tables, keys}: {readonly tables: readonly SourceTable[]; readonly keys: readonly ForeignKey[]},
  {sample, note}: CopyOrder,
): Promise<Rows> {
  const drawn = new Map<string, number>()
  for (const table of tables.filter(holdsRows)) {
    note({phase: 'copy', text: `${table.path}, ${formatSize(table.bytes)}`})
    drawn.set(table.path, await pour(pouring, rowsSql(table, sample), `${table.path} (${writable(table)})`))
  }
  const byPath = new Map(tables.map((table) => [table.path, table]))
  const columnsOf = (path: string) => writable(byPath.get(path))
  const {came, left} =
    sample === undefined ? {came: new Map<string, number>(), left: false} : await fetchParents(pouring, keys, columnsOf)
  const copied = tables
    .filter(({path}) => drawn.has(path) || came.has(path))
    .map(({schema, name, path}) => ({schema, name, rows: drawn.get(path) ?? 0, parents: came.get(path) ?? 0}))
  note({phase: 'copy', text: `${formatCount(copied.reduce((sum, {rows, parents}) => sum + rows + parents, 0))} rows`})
  return {tables: copied, open: left}
}

/** ONLY: the rows of heirs come with them. */
function rowsSql(table: SourceTable, sample: number | undefined): string {
  const drawn = sample === undefined ? '' : ` TABLESAMPLE BERNOULLI (${100 * sample}) REPEATABLE (${DRAWN_FROM})`
  return `SELECT ${writable(table)} FROM ONLY ${table.path}${drawn}`
}

/** Of a table without any column that could be written there is nothing to copy. */
function holdsRows(table: SourceTable): boolean {
  return (table.kind === 'r' || table.kind === 'm') && writable(table) !== ''
}

/** What is generated is generated again. */
function writable(table: SourceTable | undefined): string {
  const columns = (table?.columns ?? []).filter(({generated}) => !generated)
  return columns.map(({name}) => escapeIdentifier(name)).join(', ')
}
