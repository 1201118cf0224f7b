/** What comments above a statement say of it: `-- name: room-history`, `-- calls: 1200`, `-- params: 42, 'x', null`. */
import {UsageError} from '../../../base/errors.js'
import type {Value} from '../query.js'
import type {Lexeme} from './lexemes.js'
import {constantIn} from './literals.js'
import {bodyOf, isTrouble, listOf, type Syntaxer} from './syntax.js'

export interface Annotations {
  readonly name: string | undefined
  readonly calls: number | undefined
  /** One row a `-- params:`. */
  readonly given: readonly (readonly Value[])[]
}

const LINE = /^--\s*(name|calls|params)\s*:[ \t]*(.*?)\s*$/i

/** Throws a UsageError for a value that cannot be read; `where` tells the place of an offset in the file. */
export function annotationsIn(
  comments: readonly Lexeme[],
  syntax: Syntaxer,
  where: (offset: number) => string,
): Annotations {
  let found: Annotations = {name: undefined, calls: undefined, given: []}
  for (const {text, start} of comments) {
    const [, key = '', value = ''] = LINE.exec(text) ?? []
    if (key === '') continue
    const trouble = (expected: string) =>
      new UsageError(`${where(start)}: '-- ${key.toLowerCase()}:' has no value that can be read`, {hint: expected})
    if (/^name$/i.test(key)) found = {...found, name: nameIn(value, trouble)}
    else if (/^calls$/i.test(key)) found = {...found, calls: callsIn(value, trouble)}
    else found = {...found, given: [...found.given, valuesIn(value, syntax, trouble)]}
  }
  return found
}

type Complain = (expected: string) => UsageError

/** It becomes the value of a tag in thresholds; what sqlc writes behind it (`:many`) is no part of it. */
function nameIn(text: string, trouble: Complain): string {
  const [, name] = /^([\w./-]+)(?:\s+:\w+)?$/.exec(text) ?? []
  if (name === undefined) throw trouble('write a name of letters, digits, _ . / and -: -- name: room-history')
  return name
}

function callsIn(text: string, trouble: Complain): number {
  const calls = Number(text.replaceAll(/[_,](?=\d{3})/g, ''))
  if (!(calls > 0 && Number.isFinite(calls))) throw trouble('write how often it is called, above 0: -- calls: 1200')
  return calls
}

function valuesIn(text: string, syntax: Syntaxer, trouble: Complain): readonly Value[] {
  const hint = "write one constant for each parameter, as in SQL: -- params: 42, 'x', null"
  const parsed = syntax.parse(`VALUES (${text})`)
  if (isTrouble(parsed)) throw trouble(hint)
  const [row, ...more] = listOf(bodyOf(parsed[0], 'SelectStmt')?.['valuesLists'])
  const values = listOf(bodyOf(row, 'List')?.['items']).map(constantIn)
  const whole = values.every((value) => value !== undefined)
  if (parsed.length !== 1 || more.length > 0 || !whole) throw trouble(hint)
  return values
}
