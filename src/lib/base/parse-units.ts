/** Reads numbers with units as people write them: `1m30s`, `10k`, `64KiB`, `10000/s`, `1%`. */
import {UsageError} from './errors.js'
import {didYouMean, nearest} from './nearest.js'
import {DAY, HOUR, MINUTE, SECOND, type Bytes, type Ms, type PerSecond, type Share} from './units.js'

export interface ParseOptions {
  /** Zero is refused too. */
  readonly positive?: boolean
  /** What is being read, e.g. `--duration`; put in front of the message. */
  readonly name?: string
}

/** One sort of quantity, with its words for messages. */
interface Kind extends Units {
  readonly noun: string
  readonly example: string
}

interface Units {
  /** What each unit is worth in the smallest or commonest one. */
  readonly units: ReadonlyMap<string, number>
  /** The units to list when no near one is found. */
  readonly listed: readonly string[]
}

/** One number with its unit: the `1m` of `1m30s`. */
interface Term {
  readonly digits: string
  readonly unit: string
}

type Refusal = (why?: string) => UsageError

const DURATION: Kind = {
  noun: 'duration',
  example: '30s',
  units: unitsOf([
    ['us µs μs usec', 0.001],
    ['ms msec millisecond milliseconds', 1],
    ['s sec secs second seconds', SECOND],
    ['m min mins minute minutes', MINUTE],
    ['h hr hrs hour hours', HOUR],
    ['d day days', DAY],
  ]),
  listed: ['us', 'ms', 's', 'min', 'h', 'd'],
}

const MULTIPLES: readonly [string, number][] = [
  ['k K', 1e3],
  ['m M', 1e6],
  ['g G', 1e9],
]

const COUNT: Kind = {
  noun: 'whole number',
  example: '50k',
  units: unitsOf([['', 1], ...MULTIPLES]),
  listed: ['k', 'm', 'g'],
}

const RATE: Kind = {noun: 'rate', example: '200/s', units: COUNT.units, listed: ['k', 'm', 'g']}

/** What a rate may be per, in seconds. */
const PER = {
  units: unitsOf([
    ['s sec second', 1],
    ['m min minute', 60],
    ['h hr hour', 3600],
  ]),
  listed: ['s', 'min', 'h'],
}

const SIZE: Kind = {
  noun: 'size',
  example: '64KiB',
  units: unitsOf([
    ['B byte bytes', 1],
    ['kB', 1e3],
    ['MB', 1e6],
    ['GB', 1e9],
    ['TB', 1e12],
    ['KiB', 2 ** 10],
    ['MiB', 2 ** 20],
    ['GiB', 2 ** 30],
    ['TiB', 2 ** 40],
  ]),
  listed: ['B', 'kB', 'MB', 'GB', 'KiB', 'MiB', 'GiB'],
}

const SHARE: Kind = {noun: 'share', example: '1%', units: new Map([['%', 0.01]]), listed: ['%']}

/** `'1m30s'` → 90000. Units run from large to small; only `0` may stand without one. Throws a UsageError. */
export function parseDuration(text: string, options: ParseOptions = {}): Ms {
  const refusal = refusalOf(DURATION, text, options)
  const terms = termsOf(text, refusal, options)
  let total = 0
  let previous = Infinity
  for (const {digits, unit} of terms) {
    const amount = readNumber(digits, refusal)
    if (unit === '' && amount === 0 && terms.length === 1) break
    if (unit === '') throw refusal(`the unit is missing: write ${digits}ms, ${digits}s, ${digits}min or ${digits}h`)
    const worth = DURATION.units.get(unit)
    if (worth === undefined) throw refusal(unknownUnit(unit, DURATION))
    if (worth >= previous) throw refusal('units must run from large to small, each once')
    previous = worth
    total += times(amount, worth)
  }
  return checked(total, refusal, options)
}

/** `'50k'`, `'1.5m'`, `'10,000'`, `'1_000'` → a whole number. Throws a UsageError. */
export function parseCount(text: string, options: ParseOptions = {}): number {
  const refusal = refusalOf(COUNT, text, options)
  const {digits, unit} = onlyTerm(text, refusal, options)
  const count = checked(times(readNumber(digits, refusal), worthOf(unit, COUNT, refusal)), refusal, options)
  if (!Number.isInteger(count)) throw refusal()
  return count
}

/** `'64KiB'` → 65536, `'1MB'` → 1000000; a bare number means bytes. Whatever the unit, a byte is the smallest part. Throws a UsageError. */
export function parseSize(text: string, options: ParseOptions = {}): Bytes {
  const refusal = refusalOf(SIZE, text, options)
  const {digits, unit} = onlyTerm(text, refusal, options)
  const amount = readNumber(digits, refusal)
  const name = [...SIZE.units.keys()].find((known) => known.toLowerCase() === unit.toLowerCase())
  const worth = unit === '' ? 1 : worthOf(name ?? unit, SIZE, refusal)
  if (worth === 1 && !Number.isInteger(amount)) throw refusal('there are no parts of a byte')
  return checked(Math.round(times(amount, worth)), refusal, options)
}

/** `'10k/s'` → 10000, `'600/min'` → 10; a bare number means per second. Throws a UsageError. */
export function parseRate(text: string, options: ParseOptions = {}): PerSecond {
  const refusal = refusalOf(RATE, text, options)
  const [events = '', per = 's', ...rest] = text.split('/').map((part) => part.trim())
  if (rest.length > 0) throw refusal()
  const {digits, unit} = onlyTerm(events, refusal, options)
  const amount = times(readNumber(digits, refusal), worthOf(unit, RATE, refusal))
  return checked(amount / worthOf(per, PER, refusal), refusal, options)
}

/** `'1%'` or `'0.01'` → 0.01; from 0 to 1, or with `beyondAll` to any number of percent. Throws a UsageError. */
export function parseShare(text: string, options: ParseOptions & {readonly beyondAll?: boolean} = {}): Share {
  const refusal = refusalOf(SHARE, text, options)
  const {digits, unit} = onlyTerm(text, refusal, options)
  const amount = readNumber(digits, refusal)
  const share = checked(unit === '' ? amount : times(amount, worthOf(unit, SHARE, refusal)), refusal, options)
  if (share <= 1 || (options.beyondAll === true && unit !== '')) return share
  throw refusal(unit === '' && amount <= 100 ? `did you mean '${digits}%'?` : 'it cannot be more than 100%')
}

/** Makes the one line that says what was expected, what was given, and why that is refused. */
function refusalOf({noun, example}: Kind, text: string, {positive = false, name}: ParseOptions): Refusal {
  const given = text.length > 60 ? `${text.slice(0, 60)}…` : text
  const prefix = name === undefined ? '' : `${name}: `
  const expected = `expected a ${positive ? 'positive ' : ''}${noun} such as ${example}`
  return (why) => new UsageError(`${prefix}${expected}, got '${given}'${why === undefined ? '' : `: ${why}`}`)
}

function termsOf(text: string, refusal: Refusal, {positive = false}: ParseOptions): Term[] {
  const trimmed = text.trim()
  if (/^-\s*\d/.test(trimmed)) throw positive ? refusal() : refusal('it cannot be negative')
  const matches = [...trimmed.matchAll(/([\d.,_]+)\s*([^\d\s.,_]*)\s*/g)]
  const whole = matches.map(([match]) => match).join('') === trimmed
  if (!whole || matches.length === 0) throw refusal()
  return matches.map(([, digits = '', unit = '']) => ({digits, unit}))
}

function onlyTerm(text: string, refusal: Refusal, options: ParseOptions): Term {
  const [term, ...rest] = termsOf(text, refusal, options)
  if (term === undefined || rest.length > 0) throw refusal()
  return term
}

/** Commas must part thousands, so that a decimal comma is refused and not read as something else. */
function readNumber(digits: string, refusal: Refusal): number {
  if (!/^(?:(?:\d{1,3}(?:,\d{3})+|\d+(?:_\d+)*)(?:\.\d+)?|\.\d+)$/.test(digits))
    throw refusal(`'${digits}' is not a number`)
  return Number(digits.replaceAll(/[,_]/g, ''))
}

function worthOf(unit: string, kind: Units, refusal: Refusal): number {
  const worth = kind.units.get(unit)
  if (worth === undefined) throw refusal(unknownUnit(unit, kind))
  return worth
}

function unknownUnit(unit: string, kind: Units): string {
  const meant = nearest(unit, kind.units.keys())
  return `unknown unit '${unit}', ${didYouMean(unit, meant === undefined ? kind.listed : [meant])}`
}

/** 1.005 × 1000 is 1005 to the person who wrote it: 15 digits are what a double keeps of a decimal number. */
function times(amount: number, worth: number): number {
  const product = amount * worth
  return Number.isInteger(product) ? product : Number(product.toPrecision(15))
}

function checked(value: number, refusal: Refusal, {positive = false}: ParseOptions): number {
  if (value > Number.MAX_SAFE_INTEGER) throw refusal('it is too large')
  if (positive && value === 0) throw refusal()
  return value
}

function unitsOf(rows: readonly (readonly [names: string, worth: number])[]): ReadonlyMap<string, number> {
  return new Map(rows.flatMap(([names, worth]) => names.split(' ').map((name) => [name, worth] as const)))
}
