/** What a parameter may be so that a row is found by it: from the text of an expression in that row, in the form that the operator takes. */
import {arrayText, itemsOf} from '../literals.js'
import type {Shape} from './use.js'

/** None where the row has nothing to be found by. `type` is the parameter's. */
export function tokensOf(text: string, shape: Shape, type: string): readonly string[] {
  switch (shape.kind) {
    case 'value':
    case 'list':
    case 'bound':
      return [text]
    case 'element':
      return itemsOf(text)
    case 'part':
      return partsOf(text, type)
    case 'key':
      return shape.several ? keysOf(text).map((key) => arrayText([key])) : keysOf(text)
    case 'pattern':
      return patternsOf(text, shape)
    case 'words':
      return wordsOf(text).map((word) => (shape.plain ? word : `'${word.replaceAll("'", "''")}'`))
  }
}

function partsOf(text: string, type: string): readonly string[] {
  if (type.endsWith('[]')) return itemsOf(text).map((item) => arrayText([item]))
  if (type !== 'jsonb') return [type.endsWith('range') ? text : lowerEndOf(text)]
  const value = jsonOf(text)
  if (Array.isArray(value)) return value.map((item: unknown) => JSON.stringify([item]))
  if (typeof value !== 'object' || value === null) return [text]
  // Objects inside, and null, tell rows apart badly.
  const pairs = Object.entries(value as Record<string, unknown>).filter(([, inner]) => typeof inner !== 'object')
  return pairs.map(([key, inner]) => JSON.stringify({[key]: inner}))
}

/** `["2026-01-01 00:00:00+00",)` contains its lower end, where it has one. */
function lowerEndOf(text: string): string {
  const [, quoted, bare] = /^[{]?[[(](?:"([^"]*)"|([^,"]+)),/.exec(text) ?? []
  return quoted ?? bare ?? text
}

function keysOf(text: string): readonly string[] {
  const value = jsonOf(text)
  // An hstore writes `"key"=>"value"`.
  if (value === undefined) return [...text.matchAll(/"((?:[^"\\]|\\.)*)"=>/g)].map(([, key = '']) => key)
  if (Array.isArray(value)) return value.filter((item) => typeof item === 'string')
  return typeof value === 'object' && value !== null ? Object.keys(value) : []
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

/** Words as people search for them; of a text that begins with one, its beginning. */
function patternsOf(text: string, {language, bare, prefix}: Extract<Shape, {kind: 'pattern'}>): readonly string[] {
  const found = prefix ? [text.slice(0, 5).trimEnd()] : (text.match(/[\p{L}\p{N}]{4,}/gu) ?? [text.slice(0, 8)])
  const escaped = found.filter((word) => word !== '').map((word) => escapeFor(language, word))
  return bare && language === 'like' ? escaped.map((word) => `%${word}%`) : escaped
}

function escapeFor(language: 'like' | 'regex', word: string): string {
  return language === 'like' ? word.replace(/[%_\\]/g, '\\$&') : word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}

/** A tsvector writes `'lexeme':3A,7`, any other text its words. */
function wordsOf(text: string): readonly string[] {
  const lexemes = [...text.matchAll(/'((?:[^']|'')*)'(?::[\d,A-D]+)?/g)].map(([, word = '']) =>
    word.replaceAll("''", "'"),
  )
  const words = lexemes.length > 0 ? lexemes : (text.match(/[\p{L}\p{N}]+/gu) ?? [])
  return words.filter((word) => /^[\p{L}\p{N}]{3,}$/u.test(word))
}
