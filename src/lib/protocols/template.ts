/** Templates such as `/ws/{{room}}?token={{token}}`: cut into pieces once, filled in quickly for each frame. */
import {UsageError} from '../base/errors.js'
import {didYouMean} from '../base/nearest.js'

type TemplateValues = Readonly<Record<string, string | number>>

export interface Template {
  /** The names that it mentions, each once, in their order. */
  readonly names: readonly string[]
  /** The text with every name filled in as it is; a name without a value is a UsageError. */
  readonly fill: (values: TemplateValues) => string
  /** The same with every value URL-encoded, unless the template says otherwise for it. */
  readonly fillUrl: (values: TemplateValues) => string
  /** The same with every value escaped for the inside of a JSON string. */
  readonly fillJson: (values: TemplateValues) => string
}

type Escape = (value: string) => string

interface Piece {
  readonly name: string
  /** What `{{name:modifier}}` asks for. */
  readonly escape: Escape | undefined
  /** The literal text that follows the name. */
  readonly after: string
}

const jsonInside: Escape = (value) => JSON.stringify(value).slice(1, -1)

const MODIFIERS: Readonly<Record<string, Escape>> = {raw: (value) => value, url: encodeURIComponent, json: jsonInside}

const SLOT = /\{\{\s*([A-Za-z][A-Za-z0-9]*)\s*(?::\s*([A-Za-z]*)\s*)?\}\}/g

/** What looks like a slot, yet names nothing: `{{}}`, `{{room name}}`. Two braces in JSON never stand like this. */
const BROKEN_SLOT = /\{\{[^{}",]*\}\}/

/**
 * Reads a template. A slot is `{{name}}`; `{{name:url}}` URL-encodes the value, `{{name:json}}` escapes it for the inside of a JSON string,
 * `{{name:raw}}` never escapes it. Throws a UsageError for an unknown modifier, and for a name outside `allowedNames` when they are given.
 */
export function compileTemplate(text: string, allowedNames?: readonly string[]): Template {
  const slots = [...text.matchAll(SLOT)]
  const head = literal(text, 0, slots[0]?.index)
  const pieces = slots.map((slot, index): Piece => {
    const name = slot[1] ?? ''
    if (allowedNames && !allowedNames.includes(name)) throw unknown('name', name, allowedNames)
    return {name, escape: escapeOf(slot[2]), after: literal(text, slot.index + slot[0].length, slots[index + 1]?.index)}
  })
  return {
    names: [...new Set(pieces.map((piece) => piece.name))],
    fill: (values) => fillPieces(head, pieces, values),
    fillUrl: (values) => fillPieces(head, pieces, values, encodeURIComponent),
    fillJson: (values) => fillPieces(head, pieces, values, jsonInside),
  }
}

function fillPieces(head: string, pieces: readonly Piece[], values: TemplateValues, escape?: Escape): string {
  let filled = head
  for (const piece of pieces) {
    const value = values[piece.name]
    if (typeof value !== 'string' && typeof value !== 'number')
      throw new UsageError(`nothing is known to fill in for {{${piece.name}}}`)
    const how = piece.escape ?? escape
    filled += (how ? how(String(value)) : String(value)) + piece.after
  }
  return filled
}

function literal(text: string, from: number, to?: number): string {
  const part = text.slice(from, to)
  const broken = BROKEN_SLOT.exec(part)
  if (broken) throw new UsageError(`'${broken[0]}' is not a name to fill in: write it like {{room}}`)
  return part
}

function escapeOf(modifier: string | undefined): Escape | undefined {
  if (modifier === undefined) return undefined
  const escape = Object.hasOwn(MODIFIERS, modifier) ? MODIFIERS[modifier] : undefined
  if (!escape) throw unknown('modifier', modifier, Object.keys(MODIFIERS))
  return escape
}

function unknown(what: 'name' | 'modifier', text: string, known: readonly string[]): UsageError {
  const shown = what === 'name' ? `{{${text}}}` : `:${text}`
  if (known.length === 0) return new UsageError(`unknown name ${shown}: nothing is filled in here`)
  return new UsageError(`unknown ${what} ${shown}, ${didYouMean(text, known)}`)
}
