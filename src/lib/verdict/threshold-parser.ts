/**
 * Reads a threshold. The grammar, in which blanks may stand between any two tokens:
 *
 *   threshold  = [ "warn:" ] observed operator bound [ "during" phase ]
 *   observed   = selected | aggregate "(" selected ")"
 *   selected   = metric [ "{" tag { "," tag } "}" ]
 *   tag        = name "=" ( "*" | value | '"' JSON string '"' )
 *   aggregate  = "p" number | "max" | "min" | "mean" | "rate" | "count"        0 < number < 100
 *   operator   = "<" | "<=" | ">" | ">=" | "==" | "!="
 *   bound      = number [ unit ]                                               100ms, 1m30s, 1%, 64KiB, 10k/s, 5k
 *   metric, name = letter { letter | digit | "_" }
 */
import {UsageError} from '../base/errors.js'
import {didYouMean} from '../base/nearest.js'
import type {Tags} from '../metrics/metric.js'
import {NAMED_AGGREGATES, OPERATORS, type Aggregate, type Operator, type Threshold} from './threshold.js'

const EXAMPLE = 'p99(delivery_latency) < 100ms'
const NAME = /[A-Za-z_]\w*/y

/** Names that other tools use for the same thing. */
const SYNONYMS: ReadonlyMap<string, Aggregate> = new Map([
  ['avg', 'mean'],
  ['average', 'mean'],
  ['med', 'p50'],
  ['median', 'p50'],
  ['maximum', 'max'],
  ['minimum', 'min'],
  ['per_second', 'rate'],
])

/** How operators are written by mistake, or from habit. */
const OPERATOR_SLIPS: ReadonlyMap<string, Operator> = new Map([
  ['=', '=='],
  ['===', '=='],
  ['!==', '!='],
  ['=<', '<='],
  ['=>', '>='],
  ['≤', '<='],
  ['≥', '>='],
])

/** Yields a frozen threshold. Throws a UsageError that quotes the text and says what was expected where. */
export function parseThreshold(text: string): Threshold {
  const reader = new Reader(text)
  const warn = reader.take(/warn\s*:/y) !== undefined
  const observed = readObserved(reader)
  const operator = readOperator(reader)
  const bound = readBoundText(reader)
  const phase = reader.take(/during(?!\S)/y) === undefined ? undefined : reader.expect(/\S+/y, "a phase after 'during'")
  reader.expect(/$/y, phase === undefined ? "'during' and a phase, or the end" : 'the end')
  return Object.freeze({...observed, operator, bound, phase, warn})
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

  fail(why: string): never {
    throw new UsageError(`threshold '${this.text}': ${why}`, {hint: `a threshold reads like '${EXAMPLE}'`})
  }

  #found(): string {
    const rest = this.text.slice(this.#at).trim()
    return rest === '' ? 'but the text ends there' : `found '${rest}'`
  }
}

function readObserved(reader: Reader): Pick<Threshold, 'aggregate' | 'metric' | 'tags'> {
  const word = reader.expect(/[A-Za-z_]\w*(?:\.\d+)?/y, 'a metric or an aggregate such as p99')
  if (reader.take(/\(/y) === undefined) {
    if (word.includes('.')) reader.fail(`'${word}' must be followed by a metric in parentheses`)
    return {aggregate: undefined, metric: word, tags: readTags(reader)}
  }
  const aggregate = readAggregate(word, reader)
  const metric = reader.expect(NAME, 'the name of a metric')
  const tags = readTags(reader)
  reader.expect(/\)/y, "')'")
  return {aggregate, metric, tags}
}

function readAggregate(word: string, reader: Reader): Aggregate {
  const digits = /^p(\d+(?:\.\d+)?)$/.exec(word)?.[1]
  if (digits !== undefined) return readPercentile(Number(digits), word, reader)
  const known = NAMED_AGGREGATES.find((name) => name === word)
  if (known !== undefined) return known
  const synonym = SYNONYMS.get(word.toLowerCase())
  const advice =
    synonym === undefined ? didYouMean(word, ['p50', 'p99', ...NAMED_AGGREGATES]) : `did you mean '${synonym}'?`
  return reader.fail(`unknown aggregate '${word}', ${advice}`)
}

/** People who write p999 or p9999 mean the nines behind the point. */
function readPercentile(percentile: number, word: string, reader: Reader): Aggregate {
  if (percentile > 0 && percentile < 100) return `p${percentile}`
  const meant = /^p99\d+$/.test(word) ? `, did you mean 'p99.${word.slice(3)}'?` : ''
  return reader.fail(`the percentile '${word}' does not lie between p0 and p100${meant}`)
}

function readTags(reader: Reader): Tags {
  if (reader.take(/\{/y) === undefined) return Object.freeze({})
  const tags = new Map<string, string>()
  do {
    const name = reader.expect(NAME, 'the name of a tag')
    if (tags.has(name)) reader.fail(`the tag '${name}' is given twice`)
    reader.expect(/=/y, `'=' after the tag '${name}'`)
    tags.set(name, readTagValue(name, reader))
  } while (reader.take(/,/y) !== undefined)
  reader.expect(/\}/y, "',' or '}'")
  return Object.freeze(Object.fromEntries([...tags].sort(([left], [right]) => (left < right ? -1 : 1))))
}

function readTagValue(name: string, reader: Reader): string {
  const text = reader.take(/"(?:[^"\\]|\\.)*"/y)
  if (text === undefined) return reader.expect(/[^\s,{}"][^,{}"\n]*/y, `a value for the tag '${name}'`).trimEnd()
  try {
    return JSON.parse(text) as string
  } catch {
    return reader.fail(`${text} is not a JSON string`)
  }
}

function readOperator(reader: Reader): Operator {
  const found = reader.expect(/[<>=!≤≥]+/y, `one of ${OPERATORS.join(' ')}`)
  const operator = OPERATORS.find((known) => known === found)
  if (operator !== undefined) return operator
  const meant = OPERATOR_SLIPS.get(found)
  return reader.fail(
    `unknown operator '${found}', ${meant === undefined ? `known: ${OPERATORS.join(' ')}` : `did you mean '${meant}'?`}`,
  )
}

function readBoundText(reader: Reader): string {
  const bound = reader
    .expect(/\S.*?(?=\s+during(?!\S)|\s*$)/sy, 'a number with its unit, such as 100ms')
    .replaceAll(/\s+/g, '')
  if (bound.startsWith('-')) reader.fail('a bound cannot be negative')
  if (!/^\.?\d/.test(bound)) reader.fail(`expected a number with its unit, such as 100ms, found '${bound}'`)
  return bound
}
