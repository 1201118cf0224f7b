/** Reads a file of SQL: each statement by itself, with what the comments above it say; a broken one harms no other. */
import {UsageError} from '../../../base/errors.js'
import type {Skipped} from '../query.js'
import {annotationsIn, type Annotations} from './annotations.js'
import {placeAt} from './place.js'
import {nextPiece, shortened, type Piece} from './split.js'
import type {Collected, Statement} from './statement.js'
import {isTrouble, loadSyntax, type Syntax, type Syntaxer, type SyntaxTrouble} from './syntax.js'

const HINT = 'write SELECT statements into it, each ended by a semicolon'

/** Throws a UsageError when it has no statement at all, and for a comment that annotates and cannot be read. */
export async function readStatements(text: string, fileName: string): Promise<Collected> {
  const syntax = await loadSyntax()
  const file = new File(text, fileName, syntax)
  const collected = file.read()
  if (collected.statements.length + collected.skipped.length > 0) return collected
  throw new UsageError(`${fileName} ${text.trim() === '' ? 'is empty' : 'has no statement'}`, {hint: HINT})
}

interface Parsed {
  readonly piece: Piece
  readonly parsed: readonly Syntax[] | SyntaxTrouble
}

class File {
  readonly #text: string
  readonly #name: string
  readonly #syntax: Syntaxer
  readonly #statements: Statement[] = []
  readonly #skipped: Skipped[] = []
  readonly #lines = new Map<string, number>()

  constructor(text: string, name: string, syntax: Syntaxer) {
    // An editor's mark of UTF-8; as white space of the same length it shifts nothing.
    this.#text = text.replace(/^\uFEFF/, ' ')
    this.#name = name
    this.#syntax = syntax
  }

  read(): Collected {
    for (let number = 1, from = 0; ; number++) {
      const found = nextPiece(this.#text, from)
      if (found === undefined) break
      const {piece, parsed} = this.#parse(found)
      this.#keep(piece, parsed, number)
      from = piece.next
    }
    return {statements: this.#statements, skipped: this.#skipped}
  }

  #parse(piece: Piece): Parsed {
    const parsed = this.#syntax.parse(this.#sqlOf(piece))
    if (!isTrouble(parsed)) return {piece, parsed}
    const shorter = shortened(this.#text, piece)
    return shorter === undefined ? {piece, parsed} : {piece: shorter, parsed: this.#syntax.parse(this.#sqlOf(shorter))}
  }

  #keep(piece: Piece, parsed: Parsed['parsed'], number: number): void {
    const sql = this.#sqlOf(piece)
    const notes = annotationsIn(piece.comments, this.#syntax, (offset) => this.#where(offset))
    const name = this.#nameOf(piece, notes, number)
    if (isTrouble(parsed)) {
      const place = placeAt(this.#text, piece.start + parsed.at)
      this.#skipped.push({name, sql, place, reason: wordsOf(parsed, sql)})
      return
    }
    const place = placeAt(this.#text, piece.start)
    const [only] = parsed
    if (only === undefined) return
    const {calls = 1, given} = notes
    this.#statements.push({name, sql, syntax: only, calls, meanMs: undefined, place, given})
  }

  /** Names must tell queries apart; the number of one without a name is its place among the statements. */
  #nameOf(piece: Piece, {name}: Annotations, number: number): string {
    const chosen = name ?? `q${number}`
    const {line} = placeAt(this.#text, piece.start)
    const other = this.#lines.get(chosen)
    if (other !== undefined) {
      throw new UsageError(
        `${this.#name}: the statements in line ${other} and line ${line} are both called ${chosen}`,
        {
          hint: 'give one of them another -- name:',
        },
      )
    }
    this.#lines.set(chosen, line)
    return chosen
  }

  #sqlOf({start, end}: Piece): string {
    return this.#text.slice(start, end)
  }

  #where(offset: number): string {
    const {line, column} = placeAt(this.#text, offset)
    return `${this.#name}, line ${line}, column ${column}`
  }
}

/** What looks like the placeholder of a driver or an ORM gets told how Postgres writes one. */
function wordsOf({message, at}: SyntaxTrouble, sql: string): string {
  if (sql.startsWith('\\')) return 'it is a command of psql'
  const placeholder = /^(\?|:\w|%s|%\(|@\w)/.test(sql.slice(at))
  return placeholder ? `${message} (write parameters as $1, $2, …)` : message
}
