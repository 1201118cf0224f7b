/** Cuts a file into pieces at the semicolons that end statements, also where a piece is no SQL. */
import {lexemeAt, type Lexeme} from './lexemes.js'

/** One statement, or what stands where one should be. Offsets as JavaScript counts. */
export interface Piece {
  /** The comments between the statement before and this one, but none on the line where that one ends. */
  readonly comments: readonly Lexeme[]
  /** Of its first word. */
  readonly start: number
  /** Behind its last word, before the `;`. */
  readonly end: number
  /** Where the next one may begin. */
  readonly next: number
}

/** The first piece from `from` on; undefined when there are only white space, comments and stray semicolons. */
export function nextPiece(text: string, from: number): Piece | undefined {
  const comments: Lexeme[] = []
  let at = from
  while (at < text.length) {
    const lexeme = lexemeAt(text, at)
    if (lexeme.kind === 'comment') {
      if (startsLine(text, at)) comments.push(lexeme)
    } else if (!/^[\s;]$/.test(lexeme.text)) return pieceAt(text, at, comments)
    at = lexeme.end
  }
  return undefined
}

/**
 * The same piece cut at the first line that ends with a semicolon: an open quote swallows all that follows, and almost everybody ends
 * statements at the end of a line. Undefined when it has no such line.
 */
export function shortened(text: string, piece: Piece): Piece | undefined {
  const found = /;[ \t]*(?:--[^\n]*)?(?:\r?\n)/.exec(text.slice(piece.start, piece.end))
  if (found === null) return undefined
  const end = piece.start + found.index
  return {...piece, end, next: end + 1}
}

function startsLine(text: string, at: number): boolean {
  return at === 0 || /(^|\n)[ \t]*$/.test(text.slice(Math.max(0, text.lastIndexOf('\n', at - 1)), at))
}

function pieceAt(text: string, start: number, comments: readonly Lexeme[]): Piece {
  // A command of psql ends with its line.
  if (text[start] === '\\') {
    const lineEnd = text.indexOf('\n', start)
    const end = lineEnd < 0 ? text.length : lineEnd
    return {comments, start, end, next: end}
  }
  const body = new Body()
  let [at, end] = [start, start]
  while (at < text.length) {
    const lexeme = lexemeAt(text, at)
    if (lexeme.text === ';' && !body.isOpen) return {comments, start, end, next: lexeme.end}
    body.see(lexeme)
    at = lexeme.end
    if (lexeme.kind !== 'comment' && lexeme.text.trim() !== '') end = at
  }
  return {comments, start, end, next: at}
}

/** Semicolons between BEGIN ATOMIC and its END belong to the body of a routine; a CASE has an END of its own. */
class Body {
  #depth = 0
  #before = ''

  get isOpen(): boolean {
    return this.#depth > 0
  }

  see({kind, text}: Lexeme): void {
    if (kind !== 'word') return
    const word = text.toLowerCase()
    if (word === 'atomic' && this.#before === 'begin') this.#depth += 1
    else if (word === 'case' && this.isOpen) this.#depth += 1
    else if (word === 'end' && this.isOpen) this.#depth -= 1
    this.#before = word
  }
}
