/** Reads JSON as Go's encoding/json does, on which Toxiproxy's clients rely. */
import {badBody} from './errors.js'

export type Fields = Readonly<Record<string, unknown>>

/** The first JSON value of a body; what follows it is not looked at. Throws an ApiError. */
export function firstValue(body: string): unknown {
  const text = body.trimStart()
  if (text === '') throw badBody('EOF')
  const length = lengthOfFirst(text)
  if (length === undefined) throw badBody('unexpected EOF')
  try {
    return JSON.parse(text.slice(0, length))
  } catch (error) {
    throw badBody(error instanceof Error ? error.message : String(error))
  }
}

/** Undefined when the value does not end. */
function lengthOfFirst(text: string): number | undefined {
  if (!/^["{[]/.test(text)) return /^[^\s,:"{}[\]]*/.exec(text)?.[0].length
  const token = /"(?:[^"\\]|\\.)*"|[{}[\]]/gs
  let depth = 0
  for (const {0: found, index} of text.matchAll(token)) {
    if (found === '{' || found === '[') depth++
    else if (found === '}' || found === ']') depth--
    if (depth <= 0) return index + found.length
  }
  return undefined
}

/** An object's fields; `null` has none. Throws an ApiError for anything else. */
export function fieldsOf(value: unknown): Fields {
  if (value === null) return {}
  if (typeof value !== 'object' || Array.isArray(value)) throw mismatch(value, 'object')
  return value as Fields
}

/** A list's items; `null` has none. */
export function itemsOf(value: unknown): readonly unknown[] {
  if (value === null) return []
  if (!Array.isArray(value)) throw mismatch(value, 'array')
  return value
}

/** Keys match whatever their case, the last one wins, and `null` is as good as left out. */
function valueOf(fields: Fields, name: string): unknown {
  const key = Object.keys(fields).findLast((known) => known.toLowerCase() === name.toLowerCase())
  return key === undefined ? undefined : (fields[key] ?? undefined)
}

export function textOf(fields: Fields, name: string): string | undefined {
  const value = valueOf(fields, name)
  if (value !== undefined && typeof value !== 'string') throw mismatch(value, 'string', name)
  return value
}

export function flagOf(fields: Fields, name: string): boolean | undefined {
  const value = valueOf(fields, name)
  if (value !== undefined && typeof value !== 'boolean') throw mismatch(value, 'bool', name)
  return value
}

export function numberOf(fields: Fields, name: string): number | undefined {
  const value = valueOf(fields, name)
  if (value !== undefined && typeof value !== 'number') throw mismatch(value, 'float32', name)
  return value
}

/** A whole number, not below 0: Toxiproxy takes negative ones, and some of its toxics then misbehave. */
export function wholeOf(fields: Fields, name: string): number | undefined {
  const value = valueOf(fields, name)
  if (value === undefined) return undefined
  if (typeof value !== 'number') throw mismatch(value, 'int64', name)
  if (!Number.isSafeInteger(value)) throw mismatch(value, 'int64', name, `number ${value}`)
  if (value < 0) throw badBody(`${name} must not be negative`)
  return value
}

export function objectOf(fields: Fields, name: string): Fields {
  return fieldsOf(valueOf(fields, name) ?? null)
}

function mismatch(value: unknown, type: string, name?: string, kind = kindOf(value)) {
  return badBody(
    `json: cannot unmarshal ${kind} into Go ${name === undefined ? 'value' : `struct field ${name}`} of type ${type}`,
  )
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'array'
  return typeof value === 'boolean' ? 'bool' : typeof value
}
