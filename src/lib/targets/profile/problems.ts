/** Holds a YAML file against a schema; what is wrong becomes one line: file, line, what, and the nearest right key. */
import type {z} from 'zod'
import {UsageError} from '../../base/errors.js'
import {didYouMean, nearest} from '../../base/nearest.js'
import type {YamlFile, YamlPath} from './yaml-file.js'

interface Problem {
  readonly path: YamlPath
  readonly message: string
  readonly unknownKey: boolean
}

/** The value, when it is right. Throws a UsageError for its first problem; unknown keys come first, as they often explain the others. */
export function parseYaml<Schema extends z.ZodType>(schema: Schema, yaml: YamlFile): z.infer<Schema> {
  const result = schema.safeParse(yaml.value, {error: describe})
  if (result.success) return result.data
  const placed = result.error.issues
    .flatMap((issue) => problemsOf(issue, []))
    .map((problem) => ({...problem, line: yaml.lineOf(problem.path)}))
  placed.sort((a, b) => Number(b.unknownKey) - Number(a.unknownKey) || a.line - b.line)
  const [first] = placed
  throw new UsageError(`${yaml.file}:${first?.line ?? 1}: ${first ? sentence(first) : 'is not right'}`)
}

function sentence({path, message, unknownKey}: Problem): string {
  const where = path.reduce<string>(
    (text, step) => text + (typeof step === 'number' ? `[${step}]` : `${text && '.'}${String(step)}`),
    '',
  )
  if (unknownKey) return message
  if (where === '') return `the file ${message}`
  return /^(must|is|has|names) /.test(message) ? `'${where}' ${message}` : `'${where}': ${message}`
}

/** A failed union is told by the one branch that was meant: the branch whose own type fits. */
function problemsOf(issue: z.core.$ZodIssue, above: YamlPath): Problem[] {
  const path = [...above, ...issue.path]
  if (issue.code === 'unrecognized_keys') {
    const messages = issue.message.split('\n')
    return issue.keys.map((key, index) => ({
      path: [...path, key],
      message: messages[index] ?? issue.message,
      unknownKey: true,
    }))
  }
  if (issue.code !== 'invalid_union' || issue.errors.length === 0)
    return [{path, message: issue.message, unknownKey: false}]
  const meant = issue.errors.find((branch) => !branch.some(ofWrongType))
  if (meant) return meant.flatMap((inner) => problemsOf(inner, path))
  const types = issue.errors.flatMap((branch) => branch.filter(ofWrongType).map((inner) => nameOfType(inner.expected)))
  const missing = issue.errors[0]?.[0]?.message === MISSING
  return [{path, message: missing ? MISSING : `must be ${[...new Set(types)].join(' or ')}`, unknownKey: false}]
}

type TypeIssue = z.core.$ZodIssueInvalidType

const ofWrongType = (issue: z.core.$ZodIssue): issue is TypeIssue =>
  issue.code === 'invalid_type' && issue.path.length === 0

const MISSING = 'is missing'

/** What to say about an issue, without its place; messages that stand in the schema itself go first. */
function describe(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'unrecognized_keys': {
      const known = knownKeys(issue.inst)
      return issue.keys.map((key) => `unknown key '${key}', ${didYouMean(key, known)}`).join('\n')
    }
    case 'invalid_type': {
      if (issue.input === undefined) return MISSING
      if (issue.input === null) return 'is empty: fill it in or leave it out'
      return `must be ${nameOfType(issue.expected)}, not ${typeOf(issue.input)}${needsQuotes(issue) ? ': put it in quotes' : ''}`
    }
    case 'invalid_value':
      return choice(issue.input, issue.values.map(String))
    case 'invalid_union':
      return Array.isArray(issue.options) ? choice(discriminated(issue), issue.options.map(String)) : undefined
    case 'too_small':
      return 'must not be empty'
    default:
      return undefined
  }
}

function choice(input: unknown, known: readonly string[]): string {
  const words = known.join(', ')
  if (input === undefined) return `${MISSING}: one of ${words}`
  const meant = typeof input === 'string' ? nearest(input, known) : undefined
  return meant === undefined ? `must be one of ${words}` : `must be one of ${words}, did you mean '${meant}'?`
}

function discriminated(issue: z.core.$ZodRawIssue): unknown {
  const key = String(issue.discriminator)
  return typeof issue.input === 'object' && issue.input !== null
    ? (issue.input as Record<string, unknown>)[key]
    : undefined
}

function knownKeys(schema: unknown): readonly string[] {
  const shape = (schema as {_zod?: {def?: {shape?: object}}} | undefined)?._zod?.def?.shape
  return shape ? Object.keys(shape) : []
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'keys with values',
  record: 'keys with values',
}

const nameOfType = (expected: string): string => TYPE_NAMES[expected] ?? expected

function needsQuotes(issue: z.core.$ZodRawIssue<TypeIssue>): boolean {
  return issue.expected === 'string' && typeof issue.input !== 'object'
}

function typeOf(input: unknown): string {
  if (Array.isArray(input)) return 'a list'
  return nameOfType(typeof input)
}
