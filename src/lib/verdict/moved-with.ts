/** Which resources of the watched systems moved with the latency: the first place to look for a bottleneck. */
import {formatValue} from '../base/format-units.js'
import type {Unit} from '../metrics/metric.js'
import {median} from './median.js'
import {chanceOfCorrelation, effectiveSamples, spearman} from './rank-correlation.js'

/** One figure a second; null where none was taken. */
export type EverySecond = readonly (number | null)[]

export interface ResourceSeries {
  /** Whose: `node-1`. */
  readonly of: string
  /** `cpu`. */
  readonly resource: string
  readonly unit: Unit
  readonly values: EverySecond
}

export interface Mover {
  readonly of: string
  readonly resource: string
  readonly unit: Unit
  /** Spearman's rank correlation with the latency at the best lag. */
  readonly rho: number
  /** Seconds by which the latency follows the resource; negative when it goes ahead. */
  readonly lagSeconds: number
  /** Its median in the quarter of seconds with the lowest latency, and in the quarter with the highest. */
  readonly from: number
  readonly to: number
  readonly samples: number
  /** It is a share that rose until little was left of it. */
  readonly isUsedUp: boolean
  /** `cpu of node-1 rose from 21 % to 98 % with the latency` */
  readonly sentence: string
}

/** A weaker correlation is no lead, however certain it is. */
const LEAST_RHO = 0.6
const MISS = 0.05
const LAGS = [0, 1, -1, 2, -2] as const
const FEWEST_SAMPLES = 10
/** By so much of its lower end a figure must move, the latency too. */
const MATERIAL = 0.2
/** A share must also move by as many points: 1 % to 2 % of a processor explains nothing. */
const MATERIAL_POINTS = 0.05
/** From here on a share is used up, and any move towards it counts. */
const SATURATED = 0.9

/**
 * The resources that moved with the latency: first those that were used up, as many a figure follows the load and only some are its limit, then
 * the strongest correlation; none when the latency itself hardly moved. One is named when its rank
 * correlation is 0.6 or more either way within ±2 s, when chance alone makes one as strong in less than 5 % of runs (shared among all resources
 * and lags: Bonferroni), and when it moved by 20 % or into saturation. It tells what moved together, and not which moved the other.
 */
export function movedWith(latency: EverySecond, resources: readonly ResourceSeries[]): Mover[] {
  const allowed = MISS / Math.max(1, resources.length * LAGS.length)
  const movers = resources.flatMap((series) => moverOf(latency, series, allowed) ?? [])
  return movers.sort(
    (left, right) => Number(right.isUsedUp) - Number(left.isUsedUp) || Math.abs(right.rho) - Math.abs(left.rho),
  )
}

function moverOf(latency: EverySecond, series: ResourceSeries, allowed: number): Mover | undefined {
  const best = LAGS.map((lag) => correlationAt(lag, latency, series.values))
    .flatMap((found) => found ?? [])
    .reduce<Correlation | undefined>((most, next) => (strength(next) > strength(most) ? next : most), undefined)
  if (best === undefined || Math.abs(best.rho) < LEAST_RHO) return undefined
  const {rho, lagSeconds, pairs} = best
  const [delays, values] = [pairs.map(([delay]) => delay), pairs.map(([, value]) => value)]
  if (chanceOfCorrelation(rho, effectiveSamples(delays, values)) > allowed) return undefined
  const calm = endsOf(pairs, 0)
  const {from, to} = endsOf(pairs, 1)
  if (!isMaterial(calm.from, calm.to, 'ms') || !isMaterial(from, to, series.unit)) return undefined
  const {of, resource, unit} = series
  const sentence = sentenceOf(series, from, to)
  const isUsedUp = unit === 'share' && to > from && to >= SATURATED
  return {of, resource, unit, rho, lagSeconds, from, to, samples: pairs.length, isUsedUp, sentence}
}

type Pair = readonly [latency: number, value: number]

interface Correlation {
  readonly rho: number
  readonly lagSeconds: number
  readonly pairs: readonly Pair[]
}

function strength(correlation: Correlation | undefined): number {
  return correlation === undefined ? -1 : Math.abs(correlation.rho)
}

/** Holds the latency of each second against the resource `lagSeconds` before. */
function correlationAt(lagSeconds: number, latency: EverySecond, values: EverySecond): Correlation | undefined {
  const pairs = latency.flatMap((delay, second): Pair[] => {
    const value = values[second - lagSeconds] ?? null
    return delay === null || value === null ? [] : [[delay, value]]
  })
  if (pairs.length < FEWEST_SAMPLES) return undefined
  const rho = spearman(
    pairs.map(([delay]) => delay),
    pairs.map(([, value]) => value),
  )
  return rho === undefined ? undefined : {rho, lagSeconds, pairs}
}

/** Medians of one side of the pairs, in the quarter of lowest and of highest latency. */
function endsOf(pairs: readonly Pair[], side: 0 | 1): {readonly from: number; readonly to: number} {
  const byLatency = pairs.toSorted(([left], [right]) => left - right).map((pair) => pair[side])
  const quarter = Math.ceil(byLatency.length / 4)
  return {from: median(byLatency.slice(0, quarter)), to: median(byLatency.slice(-quarter))}
}

function isMaterial(from: number, to: number, unit: Unit): boolean {
  const moved = Math.abs(to - from)
  if (unit === 'share' && moved < MATERIAL_POINTS) return false
  if (unit === 'share' && Math.max(from, to) >= SATURATED) return true
  return moved > 0 && moved >= MATERIAL * Math.min(Math.abs(from), Math.abs(to))
}

function sentenceOf({resource, of, unit}: ResourceSeries, from: number, to: number): string {
  const verb = to > from ? 'rose' : 'fell'
  const words = resource.replaceAll('_', ' ')
  return `${words} of ${of} ${verb} from ${shown(from, unit)} to ${shown(to, unit)} with the latency`
}

/** Whole percents and three digits: what is a median of samples has no more. */
function shown(value: number, unit: Unit): string {
  const rough = unit === 'share' ? Math.round(value * 100) / 100 : Number(value.toPrecision(3))
  return formatValue(rough, unit)
}
