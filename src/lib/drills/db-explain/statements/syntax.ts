/** Postgres' own parser (version 18, WASM), loaded when the first statement is read and once for all. */
import type * as LibPgQuery from 'libpg-query'

type Library = typeof LibPgQuery

/** The body of a syntax node, with its fields as libpg-query prints them. */
export type Fields = Readonly<Record<string, unknown>>

/** `{SelectStmt: {…}}`. */
export type Syntax = Fields

export interface SyntaxTrouble {
  /** As Postgres says it: `syntax error at or near "form"`. */
  readonly message: string
  /** In the text that was parsed, as JavaScript counts. */
  readonly at: number
}

export interface Token {
  readonly text: string
  readonly kind: string
  /** Both as JavaScript counts. */
  readonly start: number
  readonly end: number
}

let loading: Promise<Syntaxer> | undefined

export interface Syntaxer {
  /** The statements in it, none for white space and comments; or why it is no SQL. */
  parse(sql: string): readonly Syntax[] | SyntaxTrouble
  /** Words, signs and comments; none where the text cannot even be cut into them. */
  tokens(sql: string): readonly Token[]
}

export function loadSyntax(): Promise<Syntaxer> {
  loading ??= load()
  return loading
}

export function isTrouble(parsed: readonly Syntax[] | SyntaxTrouble): parsed is SyntaxTrouble {
  return 'message' in parsed
}

async function load(): Promise<Syntaxer> {
  const library = await import('libpg-query')
  await library.loadModule()
  return {
    parse: (sql) => parse(library, sql),
    tokens: (sql) => tokens(library, sql),
  }
}

function parse(library: Library, sql: string): readonly Syntax[] | SyntaxTrouble {
  if (sql.trim() === '') return []
  try {
    const {stmts = []} = library.parseSync(sql)
    return stmts.flatMap(({stmt}) => (stmt === undefined ? [] : [stmt as unknown as Syntax]))
  } catch (error) {
    if (library.hasSqlDetails(error)) {
      const {message, cursorPosition} = error.sqlDetails ?? {message: error.message, cursorPosition: 0}
      return {message, at: unitsOf(sql, cursorPosition)}
    }
    // Its stack is that of JavaScript.
    if (error instanceof RangeError) return {message: 'it is nested too deeply to be read', at: 0}
    throw error
  }
}

function tokens(library: Library, sql: string): readonly Token[] {
  const bytes = Buffer.from(sql)
  const at = (offset: number) => bytes.subarray(0, offset).toString().length
  try {
    return library
      .scanSync(sql)
      .tokens.map(({start, end, text, tokenName}) => ({text, kind: tokenName, start: at(start), end: at(end)}))
  } catch {
    return []
  }
}

/** Postgres counts code points in its errors; JavaScript counts one beyond U+FFFF twice. */
function unitsOf(text: string, codePoints: number): number {
  let units = 0
  for (const character of text) {
    if (codePoints-- <= 0) break
    units += character.length
  }
  return units
}

/** Everything in a tree, parents first: names of node types (`FuncCall`) and of fields (`intoClause`) with what is below them. */
export function* within(tree: unknown): Generator<readonly [name: string, value: unknown]> {
  if (Array.isArray(tree)) {
    for (const item of tree) yield* within(item)
    return
  }
  if (typeof tree !== 'object' || tree === null) return
  for (const [name, value] of Object.entries(tree)) {
    yield [name, value]
    yield* within(value)
  }
}

/** The bodies of all nodes of one type. */
export function nodesOf(tree: unknown, type: string): readonly Fields[] {
  return [...within(tree)].flatMap(([name, value]) => (name === type ? [value as Fields] : []))
}

/** `{FuncCall: {…}}` yields its body; undefined for another type. */
export function bodyOf(tree: unknown, type: string): Fields | undefined {
  if (typeof tree !== 'object' || tree === null) return undefined
  return (tree as Record<string, Fields | undefined>)[type]
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** The parts of a name that may be qualified; a star is left out. */
export function partsOf(names: unknown): readonly string[] {
  return listOf(names).flatMap((part) => {
    const text = bodyOf(part, 'String')?.['sval']
    return typeof text === 'string' ? [text] : []
  })
}
