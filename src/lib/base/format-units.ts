/** Writes numbers with units for people: `4.1 ms`, `50,000`, `64 KiB`, `10,000/s`, `0.30 %`. */
import {DAY, HOUR, MINUTE, SECOND, type Bytes, type Ms, type PerSecond, type Share, type UnitName} from './units.js'

/** Written with `decimals` after division by `worth`, as long as it stays below `below` (so that it never rounds up to 1000). */
interface Step {
  readonly below: number
  readonly worth: number
  readonly unit: string
  readonly decimals: number
}

const DURATION_STEPS: readonly Step[] = [
  {below: 0.009_95, worth: 0.001, unit: 'µs', decimals: 1},
  {below: 0.999_5, worth: 0.001, unit: 'µs', decimals: 0},
  {below: 99.95, worth: 1, unit: 'ms', decimals: 1},
  {below: 999.5, worth: 1, unit: 'ms', decimals: 0},
  {below: 9.995 * SECOND, worth: SECOND, unit: 's', decimals: 2},
  {below: 59.95 * SECOND, worth: SECOND, unit: 's', decimals: 1},
]

const SIZE_STEPS: readonly Step[] = ['B', 'KiB', 'MiB', 'GiB', 'TiB'].map((unit, power) => ({
  below: unit === 'TiB' ? Infinity : 1023.95 * 1024 ** power,
  worth: 1024 ** power,
  unit,
  decimals: 1,
}))

const LONG_UNITS: readonly (readonly [unit: string, worth: number])[] = [
  ['d', DAY],
  ['h', HOUR],
  ['min', MINUTE],
  ['s', SECOND],
]

const EXACT_UNITS: readonly (readonly [unit: string, worth: number])[] = [
  ['h', HOUR],
  ['m', MINUTE],
  ['s', SECOND],
]

const upToTwoDecimals = new Intl.NumberFormat('en-US', {maximumFractionDigits: 2, signDisplay: 'negative'})
const whole = new Intl.NumberFormat('en-US', {maximumFractionDigits: 0, signDisplay: 'negative'})
const threeDigits = new Intl.NumberFormat('en-US', {maximumSignificantDigits: 3, signDisplay: 'negative'})

/** `850 µs`, `4.1 ms`, `1.20 s`, `1 min 30 s`; rounded for reading. */
export function formatDuration(ms: Ms): string {
  if (ms < 0) return `-${formatDuration(Math.abs(ms))}`
  if (ms === 0) return '0 ms'
  return onSteps(ms, DURATION_STEPS) ?? longDuration(ms)
}

/** `1m30s`, `100ms`, `0.85ms`: loses nothing, and parseDuration reads it back; for plans and thresholds. */
export function exactDuration(ms: Ms): string {
  if (!Number.isInteger(ms) || ms < SECOND) return `${ms}ms`
  if (ms < MINUTE) return `${ms / SECOND}s`
  let left: number = ms
  const parts = EXACT_UNITS.map(([unit, worth]) => {
    const amount = Math.floor(left / worth)
    left -= amount * worth
    return amount === 0 ? '' : `${amount}${unit}`
  })
  return parts.join('') + (left === 0 ? '' : `${left}ms`)
}

/** `50,000`; a mean keeps up to two decimals. */
export function formatCount(count: number): string {
  return upToTwoDecimals.format(count)
}

/** `128 B`, `64 KiB`, `5.3 MiB`. */
export function formatSize(bytes: Bytes): string {
  if (bytes < 0) return `-${formatSize(Math.abs(bytes))}`
  return onSteps(bytes, SIZE_STEPS) ?? `${bytes} B`
}

/** `10,000/s`; below 100 with three digits: `9.91/s`. */
export function formatRate(rate: PerSecond): string {
  return `${(Math.abs(rate) < 100 ? threeDigits : whole).format(rate)}/s`
}

/** `1 %`, `0.30 %`; never says 0 % or 100 % of what is not quite so. */
export function formatShare(share: Share): string {
  const percent = Number((share * 100).toPrecision(12))
  if (Number.isInteger(percent)) return `${percent + 0} %`
  for (const decimals of [2, 3, 4, 5, 6, 7, 8]) {
    const text = percent.toFixed(decimals)
    if (Number(text) !== 0 && Number(text) !== 100) return `${text} %`
  }
  return percent < 1 ? '< 0.00000001 %' : '> 99.99999999 %'
}

/** Writes a metric's value in its unit. */
export function formatValue(value: number, unit: UnitName): string {
  switch (unit) {
    case 'ms':
      return formatDuration(value)
    case 'count':
      return formatCount(value)
    case 'bytes':
      return formatSize(value)
    case 'perSecond':
      return formatRate(value)
    case 'share':
      return formatShare(value)
  }
}

/** A value that is whole in its unit is written whole, so that a bound reads `10 ms` and not `10.0 ms`. */
function onSteps(value: number, steps: readonly Step[]): string | undefined {
  const step = steps.find(({below}) => value < below)
  if (step === undefined) return undefined
  const amount = Number((value / step.worth).toPrecision(12))
  return `${Number.isInteger(amount) ? amount : amount.toFixed(step.decimals)} ${step.unit}`
}

/** From a minute on: the two largest units that say something. */
function longDuration(ms: Ms): string {
  if (!Number.isFinite(ms)) return `${ms} ms`
  const first = LONG_UNITS.findIndex(([, worth]) => ms >= worth - SECOND / 2)
  const [large, small] = [LONG_UNITS[first], LONG_UNITS[first + 1]]
  if (!large || !small) return `${ms} ms`
  const smalls = Math.round(ms / small[1])
  const perLarge = large[1] / small[1]
  const [larges, rest] = [Math.floor(smalls / perLarge), smalls % perLarge]
  return rest === 0 ? `${larges} ${large[0]}` : `${larges} ${large[0]} ${rest} ${small[0]}`
}
