/** Reads constants of SQL, as they stand in `-- params:` and in conditions of plans, into Postgres' text form. */
import type {Value} from '../query.js'
import {bodyOf, listOf, type Fields} from './syntax.js'

/** Undefined for what is no constant; casts are looked through. */
export function constantIn(tree: unknown): Value | undefined {
  const cast = bodyOf(tree, 'TypeCast')
  if (cast !== undefined) return constantIn(cast['arg'])
  const constant = bodyOf(tree, 'A_Const')
  if (constant !== undefined) return plain(constant)
  const array = bodyOf(tree, 'A_ArrayExpr')
  if (array !== undefined) return arrayOf(listOf(array['elements']).map(constantIn))
  return signed(bodyOf(tree, 'A_Expr'))
}

/** A field that holds its type's zero is printed empty: `{"ival": {}}` is 0. */
function plain(constant: Fields): Value | undefined {
  if (constant['isnull'] === true) return null
  const of = (kind: string, field: string) => (constant[kind] as Fields | undefined)?.[field]
  if ('ival' in constant) return String((of('ival', 'ival') as number | undefined) ?? 0)
  if ('fval' in constant) return of('fval', 'fval') as string
  if ('boolval' in constant) return of('boolval', 'boolval') === true ? 'true' : 'false'
  if ('sval' in constant) return (of('sval', 'sval') as string | undefined) ?? ''
  return undefined
}

function signed(expression: Fields | undefined): Value | undefined {
  if (expression === undefined || expression['lexpr'] !== undefined) return undefined
  const sign = bodyOf(listOf(expression['name'])[0], 'String')?.['sval']
  const value = constantIn(expression['rexpr'])
  if (typeof value !== 'string' || !/^[\d.]/.test(value)) return undefined
  if (sign === '-') return `-${value}`
  return sign === '+' ? value : undefined
}

function arrayOf(values: readonly (Value | undefined)[]): Value | undefined {
  return values.every((value) => value !== undefined) ? arrayText(values) : undefined
}

/** `{1,"with \"quotes\"",NULL}`. Source: https://www.postgresql.org/docs/18/arrays.html#ARRAYS-IO */
export function arrayText(values: readonly Value[]): string {
  const items = values.map((value) => (value === null ? 'NULL' : `"${value.replace(/["\\]/g, '\\$&')}"`))
  return `{${items.join(',')}}`
}

/** The items of a one-dimensional array in text form; NULLs are left out. */
export function itemsOf(text: string): readonly string[] {
  const items = text.replace(/^\[[^=]*=/, '').matchAll(/"((?:[^"\\]|\\.)*)"|([^{},]+)/g)
  return [...items].flatMap(([, quoted, bare]) => {
    if (quoted !== undefined) return [quoted.replace(/\\(.)/g, '$1')]
    return bare === undefined || bare.toUpperCase() === 'NULL' ? [] : [bare]
  })
}
