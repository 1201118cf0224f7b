/** Where literals, quoted names and comments of SQL end: as much of its lexical rules as cutting a file into statements needs. */

/**
 * Of what begins at the place that is looked at. Source: https://www.postgresql.org/docs/18/sql-syntax-lexical.html
 * Block comments nest, so they are counted by hand.
 */
const WHOLE = {
  lineComment: /--[^\n]*/y,
  escapeString: /[eE]'(?:[^'\\]|\\[\s\S]|'')*('|$)/y,
  string: /'(?:[^']|'')*('|$)/y,
  name: /"(?:[^"]|"")*("|$)/y,
  dollar: /\$([A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/y,
  word: /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/y,
  number: /\d[\w.]*/y,
} as const

export type LexemeKind = 'comment' | 'literal' | 'word' | 'sign'

export interface Lexeme {
  readonly kind: LexemeKind
  readonly text: string
  readonly start: number
  readonly end: number
}

/** What begins at `start`, which must be inside the text; an unterminated literal goes on to the end. */
export function lexemeAt(text: string, start: number): Lexeme {
  const make = (kind: LexemeKind, end: number): Lexeme => ({kind, text: text.slice(start, end), start, end})
  const comment = endOf(WHOLE.lineComment, text, start) ?? endOfBlockComment(text, start)
  if (comment !== undefined) return make('comment', comment)
  const literal =
    endOf(WHOLE.escapeString, text, start) ??
    endOf(WHOLE.string, text, start) ??
    endOf(WHOLE.name, text, start) ??
    endOfDollarQuote(text, start)
  if (literal !== undefined) return make('literal', literal)
  const word = endOf(WHOLE.word, text, start) ?? endOf(WHOLE.number, text, start)
  return word === undefined ? make('sign', start + 1) : make('word', word)
}

function endOf(pattern: RegExp, text: string, start: number): number | undefined {
  pattern.lastIndex = start
  return pattern.test(text) ? pattern.lastIndex : undefined
}

function endOfDollarQuote(text: string, start: number): number | undefined {
  const opened = endOf(WHOLE.dollar, text, start)
  if (opened === undefined) return undefined
  const tag = text.slice(start, opened)
  const closed = text.indexOf(tag, opened)
  return closed < 0 ? text.length : closed + tag.length
}

function endOfBlockComment(text: string, start: number): number | undefined {
  if (!text.startsWith('/*', start)) return undefined
  // An open one is none, so that what follows it is still cut into statements.
  const edge = /\/\*|\*\//g
  edge.lastIndex = start
  let depth = 0
  for (let found = edge.exec(text); found !== null; found = edge.exec(text)) {
    depth += found[0] === '/*' ? 1 : -1
    if (depth === 0) return edge.lastIndex
  }
  return undefined
}
