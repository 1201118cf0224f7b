/** Reads what a statement over one table says, from the tree that Postgres' own parser makes of it. */
import {parse} from 'libpg-query'

/** Undefined where the tree has no such branch. */
export function at(tree: unknown, ...path: readonly (string | number)[]): unknown {
  let here = tree
  for (const step of path) {
    if (typeof here !== 'object' || here === null) return undefined
    here = (here as Record<string | number, unknown>)[step]
  }
  return here
}

export function listAt(tree: unknown, ...path: readonly (string | number)[]): readonly unknown[] {
  const found = at(tree, ...path)
  return Array.isArray(found) ? found : []
}

export function textAt(tree: unknown, ...path: readonly (string | number)[]): string | undefined {
  const found = at(tree, ...path)
  return typeof found === 'string' ? found : undefined
}

/** A SELECT from one table, without joins, groups, unions, WITH, INTO and locks. */
export interface TableSelect {
  readonly schema: string | undefined
  readonly table: string
  /** By which its columns are called; the table's name where it has no other. */
  readonly alias: string
  /** The SelectStmt. */
  readonly tree: unknown
}

const PLAIN_WITHOUT = [
  'groupClause',
  'havingClause',
  'distinctClause',
  'withClause',
  'windowClause',
  'lockingClause',
  'intoClause',
]

/** Undefined for anything else, and for what does not parse. */
export async function tableSelect(sql: string): Promise<TableSelect | undefined> {
  const parsed = await parse(sql).catch(() => undefined)
  const [first, ...more] = listAt(parsed, 'stmts')
  const tree = at(first, 'stmt', 'SelectStmt')
  const [from, ...joined] = listAt(tree, 'fromClause')
  const table = textAt(from, 'RangeVar', 'relname')
  if (more.length > 0 || joined.length > 0 || table === undefined) return undefined
  if (PLAIN_WITHOUT.some((clause) => at(tree, clause) !== undefined)) return undefined
  if (textAt(tree, 'op') !== 'SETOP_NONE') return undefined
  const schema = textAt(from, 'RangeVar', 'schemaname')
  return {schema, table, alias: textAt(from, 'RangeVar', 'alias', 'aliasname') ?? table, tree}
}

/** The column that is meant, if it is one of the table. */
export function columnOf(node: unknown, {alias}: TableSelect): string | undefined {
  const names = listAt(node, 'ColumnRef', 'fields').map((field) => textAt(field, 'String', 'sval'))
  const [first, second] = names
  if (names.length === 1) return first
  return names.length === 2 && first === alias ? second : undefined
}

/** The conditions that all have to hold. */
export function conjuncts(condition: unknown): readonly unknown[] {
  if (condition === undefined) return []
  if (textAt(condition, 'BoolExpr', 'boolop') !== 'AND_EXPR') return [condition]
  return listAt(condition, 'BoolExpr', 'args').flatMap(conjuncts)
}
