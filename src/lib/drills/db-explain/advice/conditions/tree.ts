/** SQL as a syntax tree: parsed with Postgres' own grammar, and written in one canonical form so that equal expressions are equal texts. */
import {loadModule, parseSync, type Node, type SelectStmt, type SortBy} from 'libpg-query'
import {deparseSync} from 'pgsql-deparser'

/** A column as the text names it; without an alias where Postgres left it out. */
export interface ColumnName {
  readonly alias: string | undefined
  /** `*` for the whole row. */
  readonly column: string
}

/** Must have resolved before anything here is used: the grammar is WebAssembly. */
export async function loadGrammar(): Promise<void> {
  await loadModule()
}

/** Undefined where it is no SQL: `(hashed SubPlan 1)`. */
export function parseExpression(sql: string): Node | undefined {
  const [target] = parseSelect(`SELECT (${sql})`)?.targetList ?? []
  return target !== undefined && 'ResTarget' in target ? target.ResTarget.val : undefined
}

/** One sort key as a plan prints it: `m.created_at DESC NULLS LAST`. */
export function parseSortTerm(sql: string): SortBy | undefined {
  const [term] = parseSelect(`SELECT 1 ORDER BY ${sql}`)?.sortClause ?? []
  return term !== undefined && 'SortBy' in term ? term.SortBy : undefined
}

/** One line, without outer parentheses. */
export function textOf(node: Node): string {
  return deparseSync(node, {pretty: false})
}

/** The expression without aliases, in the one form in which designs and catalogue are compared; as it is where it is no SQL. */
export function canonical(sql: string): string {
  const node = parseExpression(sql)
  return node === undefined ? sql : textOf(withoutAliases(node))
}

export function columnsOf(node: Node): readonly ColumnName[] {
  const found: ColumnName[] = []
  visit(node, (key, value) => {
    if (key === 'ColumnRef') found.push(nameOf(value as {fields?: Node[]}))
  })
  return found
}

/** Whether one of these kinds stands anywhere in it: `FuncCall`, `ParamRef`, `SubLink`. */
export function holds(node: Node, ...kinds: readonly string[]): boolean {
  let held = false
  visit(node, (key) => (held ||= kinds.includes(key)))
  return held
}

/** Each part of the tree with the name of its kind, from the outside in. */
export function visit(tree: unknown, look: (kind: string, value: unknown) => void): void {
  if (Array.isArray(tree)) for (const one of tree) visit(one, look)
  else if (typeof tree === 'object' && tree !== null) {
    for (const [key, value] of Object.entries(tree)) {
      look(key, value)
      visit(value, look)
    }
  }
}

/** Literals lose the casts that Postgres spells out and would find by itself: `'english'::regconfig`, `'k'::text`. */
export function withoutAliases(node: Node): Node {
  return rewrite(node) as Node
}

function rewrite(tree: unknown): unknown {
  if (Array.isArray(tree)) return tree.map(rewrite)
  if (typeof tree !== 'object' || tree === null) return tree
  const entries = Object.entries(tree).map(([key, value]): [string, unknown] => {
    if (key === 'ColumnRef') {
      const {fields = []} = value as {fields?: Node[]}
      return [key, {...(value as object), fields: fields.slice(-1)}]
    }
    return [key, rewrite(value)]
  })
  const copy = Object.fromEntries(entries)
  return bareLiteral(copy) ?? copy
}

function bareLiteral(tree: Record<string, unknown>): unknown {
  const cast = tree['TypeCast'] as {arg?: Node; typeName?: {names?: Node[]; arrayBounds?: Node[]}} | undefined
  if (cast?.arg === undefined || !('A_Const' in cast.arg) || cast.arg.A_Const.sval === undefined) return undefined
  const plain = cast.typeName?.arrayBounds === undefined && ['text', 'regconfig'].includes(lastOf(cast.typeName?.names))
  return plain ? cast.arg : undefined
}

function nameOf({fields = []}: {fields?: Node[]}): ColumnName {
  const names = fields.map((field) => ('String' in field ? (field.String.sval ?? '') : '*'))
  return {alias: names.at(-2), column: names.at(-1) ?? ''}
}

/** The last part of a qualified name. */
export function lastOf(names: readonly Node[] | undefined): string {
  const last = names?.at(-1)
  return last !== undefined && 'String' in last ? (last.String.sval ?? '') : ''
}

function parseSelect(sql: string): SelectStmt | undefined {
  try {
    const statements = parseSync(sql).stmts ?? []
    const statement = statements.length === 1 ? statements[0]?.stmt : undefined
    return statement !== undefined && 'SelectStmt' in statement ? statement.SelectStmt : undefined
  } catch {
    return undefined
  }
}
