/**
 * Reads a fault as it is typed, and writes it again. The grammar, in which blanks may stand between any two tokens:
 *
 *   fault      = name [ "(" [ parameter { "," parameter } ] ")" ] "at" duration [ "for" duration ]
 *   parameter  = key "=" value
 *   name, key  = letter { letter | digit | "." | "-" | "_" }                    redis.disconnect, net.limit-data
 *   value      = bare text without , ( ) " | '"' JSON string '"'                200ms, users, "name, with a comma"
 *   duration   = number unit { number unit }                                    20s, 1m30s, 500ms
 */
import {UsageError} from '../base/errors.js'
import {exactDuration} from '../base/format-units.js'
import {nearest} from '../base/nearest.js'
import {parseDuration} from '../base/parse-units.js'
import type {Ms} from '../base/units.js'

const EXAMPLE = 'redis.disconnect at 20s for 5s'
const NAME = /[a-z][\w.-]*/iy
/** Numbers with their units; it stops before what can be no part of it, such as a misspelt keyword. */
const TIME = /(?:-?[\d.,_]+\s*(?!for\b)[a-zµμ]*\s*)+/iy

/** A fault as it was typed: its grammar is right, but nobody has looked into the catalogue yet. */
export interface FaultSpec {
  readonly name: string
  readonly parameters: Readonly<Record<string, string>>
  readonly atMs: Ms
  /** Undefined when no `for` was given. */
  readonly forMs: Ms | undefined
  /** Spaces straightened. */
  readonly text: string
}

/** Yields a frozen spec. Throws a UsageError that quotes the text and says what was expected where. */
export function parseFault(text: string): FaultSpec {
  const reader = new Reader(text)
  const name = reader.expect(NAME, 'the name of a fault such as redis.disconnect')
  const parameters = readParameters(reader)
  reader.expect(/at(?![^\s\d.])/y, `'at' and a time${reader.meant(['at'])}`)
  const atMs = readTime(reader, 'at', false)
  const lasts = reader.take(/for(?![^\s\d.])/y) !== undefined
  const forMs = lasts ? readTime(reader, 'for', true) : undefined
  reader.expect(/$/y, lasts ? 'the end' : `'for' and a duration, or the end${reader.meant(['for'])}`)
  const spec = {name, parameters, atMs, forMs}
  return Object.freeze({...spec, text: formatFault(spec)})
}

/** The text that `parseFault` reads back to the same fault. */
export function formatFault({name, parameters, atMs, forMs}: Omit<FaultSpec, 'text'>): string {
  const length = forMs === undefined ? '' : ` for ${exactDuration(forMs)}`
  return `${formatCall(name, parameters)} at ${exactDuration(atMs)}${length}`
}

/** `redis.kill(type=pubsub)`; the name alone when there are no parameters. */
export function formatCall(name: string, parameters: Readonly<Record<string, string>>): string {
  const given = Object.entries(parameters).map(([key, value]) => `${key}=${formatValue(value)}`)
  return given.length === 0 ? name : `${name}(${given.join(',')})`
}

function formatValue(value: string): string {
  const bare = value !== '' && value === value.trim() && !/[,()"\n]/.test(value)
  return bare ? value : JSON.stringify(value)
}

class Reader {
  #at = 0

  constructor(readonly text: string) {}

  /** What the sticky pattern matches here, past blanks; undefined, and nothing taken, when it does not match. */
  take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at + (/^\s*/.exec(this.text.slice(this.#at))?.[0].length ?? 0)
    const found = pattern.exec(this.text)?.[0]
    if (found !== undefined) this.#at = pattern.lastIndex
    return found
  }

  expect(pattern: RegExp, expected: string): string {
    return this.take(pattern) ?? this.fail(`expected ${expected}, ${this.#found()}`)
  }

  /** ` (did you mean 'at'?)` when the next word is nearly one of these. */
  meant(words: readonly string[]): string {
    const next = /^\s*([a-z]+)/i.exec(this.text.slice(this.#at))?.[1]
    const meant = next === undefined || words.includes(next) ? undefined : nearest(next, words)
    return meant === undefined ? '' : ` (did you mean '${meant}'?)`
  }

  fail(why: string): never {
    throw new UsageError(`fault '${this.text}': ${why}`, {hint: `a fault reads like '${EXAMPLE}'`})
  }

  #found(): string {
    const rest = this.text.slice(this.#at).trim()
    return rest === '' ? 'but the text ends there' : `found '${rest}'`
  }
}

function readParameters(reader: Reader): Readonly<Record<string, string>> {
  const parameters = new Map<string, string>()
  if (reader.take(/\(/y) === undefined || reader.take(/\)/y) !== undefined) return Object.freeze({})
  do {
    const key = reader.expect(NAME, 'the name of a parameter')
    if (parameters.has(key)) reader.fail(`the parameter '${key}' is given twice`)
    reader.expect(/=/y, `'=' after the parameter '${key}'`)
    parameters.set(key, readValue(key, reader))
  } while (reader.take(/,/y) !== undefined)
  reader.expect(/\)/y, "',' or ')'")
  return Object.freeze(Object.fromEntries(parameters))
}

function readValue(key: string, reader: Reader): string {
  const text = reader.take(/"(?:[^"\\]|\\.)*"/y)
  if (text === undefined) return reader.expect(/[^\s,()"][^,()"\n]*/y, `a value for the parameter '${key}'`).trimEnd()
  try {
    return JSON.parse(text) as string
  } catch {
    return reader.fail(`${text} is not a JSON string`)
  }
}

function readTime(reader: Reader, keyword: 'at' | 'for', positive: boolean): Ms {
  const expected = keyword === 'at' ? 'a time after the start such as 20s' : 'a duration such as 5s'
  const text = reader.expect(TIME, expected).trim()
  try {
    return parseDuration(text, {name: keyword, positive})
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    return reader.fail(error.message)
  }
}
