/** What the operators of a condition ask of a column. */
import type {Shape} from './use.js'

/** The same question with its sides exchanged. */
const MIRRORED: Readonly<Record<string, string>> = {
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
  '@>': '<@',
  '<@': '@>',
}

export function mirrored(operator: string): string {
  return MIRRORED[operator] ?? operator
}

const VALUE: Shape = {kind: 'value', turn: 0}
const LIKE: Shape = {kind: 'pattern', language: 'like', bare: true, prefix: false}
const REGEX: Shape = {kind: 'pattern', language: 'regex', bare: true, prefix: false}
const WORDS: Shape = {kind: 'words', plain: false}
const PART: Shape = {kind: 'part'}
const KEY: Shape = {kind: 'key', several: false}
const KEYS: Shape = {kind: 'key', several: true}
const LOWER: Shape = {kind: 'bound', side: 'lower', narrow: 'high'}
const UPPER: Shape = {kind: 'bound', side: 'upper', narrow: undefined}

/** With the column on the left. Distances (`<->` and its like) want a value such as those that are there. */
const SHAPES: Readonly<Record<string, Shape>> = {
  '=': VALUE,
  '<>': VALUE,
  '<->': VALUE,
  '<=>': VALUE,
  '<#>': VALUE,
  '<@': VALUE,
  '<<=': VALUE,
  '>>=': VALUE,
  '%': VALUE,
  '>': LOWER,
  '>=': LOWER,
  '<': UPPER,
  '<=': UPPER,
  '~~': LIKE,
  '~~*': LIKE,
  '!~~': LIKE,
  '!~~*': LIKE,
  '~': REGEX,
  '~*': REGEX,
  '!~': REGEX,
  '!~*': REGEX,
  '^@': {kind: 'pattern', language: 'like', bare: false, prefix: true},
  '@@': WORDS,
  '@>': PART,
  '&&': PART,
  '?': KEY,
  '?|': KEYS,
  '?&': KEYS,
  '->>': KEY,
  '->': KEY,
}

/** Undefined for an operator that computes, or that nobody here knows. */
export function shapeOf(operator: string): Shape | undefined {
  return SHAPES[operator]
}
