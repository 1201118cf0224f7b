/**
 * Reads a defect as it is typed, and writes it again.
 *
 *     defect = name [ "=" value ]
 *     value  = share | share "/s" | node | length "/" every | "kill" | "drop" | duration | rate | count | size      which one: see the catalogue
 */
import {UsageError} from '../../../base/errors.js'
import {didYouMean} from '../../../base/nearest.js'
import {parseCount, parseDuration, parseRate, parseShare, parseSize} from '../../../base/parse-units.js'
import type {Ms, PerSecond, Share} from '../../../base/units.js'
import {DEFECT_NAMES, DEFECTS, type DefectName} from './catalogue.js'
import type {ValueKind} from './definition.js'
import type {Manner} from './ungraceful-cap.js'

/** A stall of `length` that begins every `every`. */
export interface Window {
  readonly length: Ms
  readonly every: Ms
}

/** A defect that was checked. JSON-printable. */
export type DefectSpec =
  | {readonly name: NameOf<'share' | 'share-per-second'>; readonly value: Share}
  | {readonly name: NameOf<'node' | 'count' | 'size'>; readonly value: number}
  | {readonly name: NameOf<'duration'>; readonly value: Ms}
  | {readonly name: NameOf<'rate'>; readonly value: PerSecond}
  | {readonly name: NameOf<'window'>; readonly value: Window}
  | {readonly name: NameOf<'manner'>; readonly value: Manner}

type NameOf<Kind extends ValueKind> = {
  [Name in DefectName]: (typeof DEFECTS)[Name]['value'] extends Kind ? Name : never
}[DefectName]

/** `'lose-deliveries=1%'` → a spec; without a value the catalogue's usual one. Throws a UsageError. */
export function parseDefect(text: string): DefectSpec {
  const equals = text.indexOf('=')
  const name = (equals < 0 ? text : text.slice(0, equals)).trim()
  if (!isDefectName(name)) throw new UsageError(`unknown defect '${name}': ${didYouMean(name, DEFECT_NAMES)}`)
  const value = equals < 0 ? DEFECTS[name].usual : text.slice(equals + 1).trim()
  return {name, value: readValue(name, value)} as DefectSpec
}

/** The text that `parseDefect` reads back to the same spec. */
export function formatDefect(spec: DefectSpec): string {
  const {name, value} = typedDefect(spec)
  return `${name}=${value}`
}

/** A defect as `/defects` carries it: the value as one types it. */
export function typedDefect({name, value}: DefectSpec): {name: DefectName; value: string} {
  return {name, value: formatValue(DEFECTS[name].value, value)}
}

function isDefectName(name: string): name is DefectName {
  return Object.hasOwn(DEFECTS, name)
}

function readValue(name: DefectName, text: string): DefectSpec['value'] {
  switch (DEFECTS[name].value) {
    case 'share':
      return parseShare(text, {name, positive: true})
    case 'share-per-second':
      return parseShare(text.replace(/\s*\/\s*s$/, ''), {name, positive: true})
    case 'node':
      return parseCount(text, {name})
    case 'window':
      return readWindow(name, text)
    case 'manner':
      return readManner(name, text)
    case 'duration':
      return parseDuration(text, {name, positive: true})
    case 'rate':
      return parseRate(text, {name, positive: true})
    case 'count':
      return parseCount(text, {name, positive: true})
    case 'size':
      return parseSize(text, {name, positive: true})
  }
}

function readManner(name: DefectName, text: string): Manner {
  if (text === 'kill' || text === 'drop') return text
  throw new UsageError(`${name}: expected kill or drop, got '${text}'`)
}

function readWindow(name: DefectName, text: string): Window {
  const [length, every, ...rest] = text.split('/')
  if (length === undefined || every === undefined || rest.length > 0) {
    throw new UsageError(`${name}: expected LENGTH/EVERY such as ${DEFECTS[name].usual}, got '${text}'`)
  }
  const window = {
    length: parseDuration(length, {name, positive: true}),
    every: parseDuration(every, {name, positive: true}),
  }
  if (window.length >= window.every) throw new UsageError(`${name}: '${text}' never lets anything out`)
  return window
}

function formatValue(kind: ValueKind, value: DefectSpec['value']): string {
  if (typeof value === 'string') return value
  if (typeof value === 'object') return `${value.length}ms/${value.every}ms`
  if (kind === 'node' || kind === 'count' || kind === 'size') return String(value)
  if (kind === 'duration') return `${value}ms`
  if (kind === 'rate') return `${value}/s`
  // 12 digits: 0.07 × 100 is not 7 in binary, and reads back as 7 % all the same.
  const percent = `${Number((value * 100).toPrecision(12))}%`
  return kind === 'share-per-second' ? `${percent}/s` : percent
}
