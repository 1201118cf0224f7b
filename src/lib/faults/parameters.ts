/** Reads the parameters of a fault by what the catalogue says of them. */
import {UsageError} from '../base/errors.js'
import {didYouMean} from '../base/nearest.js'
import {parseCount, parseDuration, parseShare, parseSize} from '../base/parse-units.js'
import type {ParameterDefinition, ParameterKind} from './definition.js'
import type {FaultSpec} from './grammar.js'

type Refuse = (why: string) => UsageError
type Definitions = Readonly<Record<string, ParameterDefinition>>

/** In base units, with what is usual filled in; frozen. Throws what `refuse` makes of the first complaint. */
export function readParameters(
  {name, parameters}: Pick<FaultSpec, 'name' | 'parameters'>,
  definitions: Definitions,
  refuse: Refuse,
): Readonly<Record<string, number | string>> {
  for (const key of Object.keys(parameters)) {
    if (!Object.hasOwn(definitions, key)) throw refuse(unknownParameter(name, key, definitions))
  }
  const values = Object.entries(definitions).flatMap(([key, definition]) => {
    const given = parameters[key] ?? definition.usual
    if (given !== undefined) return [[key, readValue(key, given, definition, refuse)] as const]
    if (definition.required) throw refuse(`${name} needs '${key}': ${definition.meaning}`)
    return []
  })
  return Object.freeze(Object.fromEntries(values))
}

function unknownParameter(name: string, key: string, definitions: Definitions): string {
  const known = Object.keys(definitions)
  if (known.length === 0) return `${name} takes no parameters, but '${key}' was given`
  return `${name} has no parameter '${key}', ${didYouMean(key, known)}`
}

function readValue(key: string, text: string, definition: ParameterDefinition, refuse: Refuse): number | string {
  try {
    return parsed(key, text, definition)
  } catch (error) {
    throw error instanceof UsageError ? refuse(error.message) : error
  }
}

type Parse = (text: string, options: {readonly name: string; readonly positive: boolean}) => number | string

const PARSERS: Readonly<Record<Exclude<ParameterKind, 'choice'>, Parse>> = {
  duration: parseDuration,
  size: parseSize,
  'byte-rate': (text, options) =>
    parseSize(text.replace(/\s*\/\s*s(ec(ond)?)?$/, ''), {...options, name: `${options.name} (bytes a second)`}),
  count: parseCount,
  share: parseShare,
  text: (text, {name}) => {
    if (text.trim() === '') throw new UsageError(`${name}: must not be empty`)
    return text
  },
}

function parsed(
  name: string,
  text: string,
  {kind, choices = [], positive = false}: ParameterDefinition,
): number | string {
  if (kind !== 'choice') return PARSERS[kind](text, {name, positive})
  if (choices.includes(text)) return text
  throw new UsageError(`${name}: unknown value '${text}', ${didYouMean(text, choices)}`)
}
