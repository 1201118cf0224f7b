/** Values that no row has, as near to certain as can be known without reading all of them. */
import type {Random} from '../../../../base/random.js'
import {arrayText} from '../literals.js'
import type {Shape} from './use.js'

/** Undefined where none can be made: a boolean has no third value, and a bound finds rows whatever it is. */
export function absentFor(shape: Shape, type: string, random: Random): string | undefined {
  const letters = Array.from({length: 12}, () => 'bcdfghjklmnpqrstvwxz'[random.below(20)] ?? 'q').join('')
  const item = () => valueOf(type.replace(/\[\]$/, ''), letters, random)
  const list = () => {
    const value = item()
    return value === undefined ? undefined : arrayText([value])
  }
  switch (shape.kind) {
    case 'bound':
      return undefined
    case 'value':
      return valueOf(type, letters, random)
    case 'element':
      return item()
    case 'list':
      return list()
    case 'part':
      return type === 'jsonb' ? JSON.stringify({[letters]: letters}) : type.endsWith('[]') ? list() : undefined
    default:
      return wordOf(shape, letters)
  }
}

function wordOf(shape: Extract<Shape, {kind: 'key' | 'pattern' | 'words'}>, letters: string): string {
  switch (shape.kind) {
    case 'key':
      return shape.several ? arrayText([letters]) : letters
    case 'pattern':
      return shape.bare && shape.language === 'like' ? `%${letters}%` : letters
    case 'words':
      return shape.plain ? letters : `'${letters}'`
  }
}

/** Keys are hardly ever below zero, and times hardly ever so far ahead. */
function valueOf(type: string, letters: string, random: Random): string | undefined {
  if (type === 'smallint') return String(-30_000 - random.below(2_000))
  if (/^(integer|bigint|numeric|real|double precision)/.test(type))
    return String(-2_000_000_000 - random.below(100_000_000))
  if (/^(text|character|citext|name)/.test(type)) return letters
  if (/^(date|timestamp)/.test(type)) return '2999-01-01'
  if (type !== 'uuid') return undefined
  const hex = Array.from({length: 32}, () => random.below(16).toString(16)).join('')
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
