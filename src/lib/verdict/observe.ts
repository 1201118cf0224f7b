/** Brings the slices that a threshold judges down to one observed number, with what is known about its trust. */
import {Histogram} from '../metrics/histogram.js'
import type {CounterSlice, DistributionSlice, GaugeSlice, Metric, MissingValue, ShareSlice} from '../metrics/metric.js'
import {percentileLimits, samplesNeeded, shareLimits, type Limits} from './intervals.js'
import type {Stretch} from './stretch.js'
import {admits, carries} from './tag-match.js'
import {percentileOf, type Operator, type Threshold} from './threshold.js'

export interface Observation {
  /** Undefined when there is nothing to judge; `nothing` then says why. */
  readonly value: number | undefined
  readonly nothing?: string
  /** There is nothing that could break the promise; `nothing` says why. */
  readonly vacuous?: boolean
  /** Not all of it is known: what is can break the bound, but not hold it; this says why. */
  readonly incomplete?: string
  /** How many samples, trials or values it is made of; undefined for counts. */
  readonly samples?: number
  /** How many of the samples stand for themselves. */
  readonly independent?: number
  /** What a count was tried on. */
  readonly exposure?: number
  /** Only for estimates that are judged with their bound: percentiles and shares. */
  readonly limits?: Limits
  /** How many independent samples the upper bound of this percentile takes. */
  readonly needed?: number
  /** An estimate over noise: it breaks the bound only when its whole interval does. */
  readonly noisy?: boolean
}

/** Observes one threshold (`*` tags already replaced) on its stretch of the run; `bound` in the metric's unit. */
export function observe(threshold: Threshold, metric: Metric, stretch: Stretch, bound: number): Observation {
  const within = <Slice extends {readonly phase: string}>(slices: readonly Slice[]) =>
    slices.filter(({phase}) => stretch.covers(phase))
  switch (metric.type) {
    case 'distribution':
      return observeDistribution(threshold, within(metric.slices))
    case 'counter':
      return observeCounter(threshold, withExposure(within(metric.slices), metric.slices), {
        exposedTo: metric.definition.exposedTo,
        seconds: stretch.seconds,
      })
    case 'gauge':
      return observeGauge(threshold, {slices: within(metric.slices), missing: within(metric.missing ?? [])}, bound)
    case 'share':
      return observeShare(threshold, within(metric.slices))
  }
}

function observeDistribution(threshold: Threshold, slices: readonly DistributionSlice[]): Observation {
  const picked = slices.filter((slice) => carries(slice, threshold.tags))
  const merged = new Histogram()
  for (const {histogram} of picked) merged.merge(histogram)
  const samples = merged.count
  if (threshold.aggregate === 'count') return {value: samples, samples}
  if (samples === 0) return {value: undefined, nothing: 'there are no samples', samples}
  const percentile = percentileOf(threshold.aggregate)
  if (percentile === undefined) return {value: plainOf(threshold, merged), samples}
  const independent = Math.min(samples, sum(picked.map((slice) => slice.independent)))
  const fraction = percentile / 100
  return {
    value: merged.percentile(percentile),
    samples,
    independent,
    limits: percentileLimits(merged, fraction, independent),
    needed: samplesNeeded(threshold.operator.startsWith('>') ? 1 - fraction : fraction),
  }
}

function plainOf({aggregate}: Threshold, histogram: Histogram): number | undefined {
  if (aggregate === 'max') return histogram.max
  return aggregate === 'min' ? histogram.min : histogram.mean
}

/** What belongs to no phase was exposed throughout, so that it stands for a phase that has no exposure of its own. */
function withExposure(slices: readonly CounterSlice[], all: readonly CounterSlice[]): readonly CounterSlice[] {
  if (slices.some(({exposure}) => exposure !== undefined)) return slices
  const throughout = all.filter(({phase, exposure}) => phase === '' && exposure !== undefined)
  return [...slices, ...throughout.map((slice) => ({...slice, value: 0}))]
}

/**
 * A tag value that never occurred counts zero times, on the exposure of the slices that carry no such tag. A counter that
 * says what it is exposed to, but was exposed to nothing, was not checked.
 */
function observeCounter(
  {aggregate, tags}: Threshold,
  slices: readonly CounterSlice[],
  {exposedTo, seconds}: {exposedTo: string | undefined; seconds: number},
): Observation {
  const picked = slices.filter((slice) => carries(slice, tags))
  const exposures = slices.filter((slice) => admits(slice, tags)).flatMap(({exposure}) => exposure ?? [])
  const unexposed = exposedTo !== undefined && picked.length === 0
  const exposed = exposures.length > 0 || unexposed ? {exposure: sum(exposures)} : {}
  const total = sum(picked.map(({value}) => value))
  if (exposed.exposure === 0) return {value: total, nothing: `nothing was tried: 0 ${exposedTo ?? 'cases'}`, ...exposed}
  if (aggregate !== 'rate') return {value: total, ...exposed}
  if (seconds <= 0) return {value: undefined, nothing: 'the judged phases took no time', ...exposed}
  return {value: total / seconds, ...exposed}
}

interface Gauged {
  readonly slices: readonly GaugeSlice[]
  readonly missing: readonly MissingValue[]
}

/** A bare gauge must hold in each of its slices, so the worst one is judged. */
function observeGauge(threshold: Threshold, {slices, missing}: Gauged, bound: number): Observation {
  const carrying = slices.filter((slice) => carries(slice, threshold.tags))
  const picked = carrying.map(({value}) => value)
  const absent = missing.filter((slice) => carries(slice, threshold.tags))
  const values = [...picked, ...absent.flatMap(({atLeast}) => atLeast ?? [])]
  const why = absent.map((one) => one.why).join('; ')
  if (values.length === 0) {
    // Of the largest or the mean of nothing, nothing can be said.
    const vacuous = threshold.aggregate === undefined && absent.length > 0 && absent.every((one) => one.vacuous)
    return {value: undefined, nothing: why === '' ? 'no value was taken' : why, vacuous}
  }
  const observed = gaugeOf(threshold, values, bound)
  const interval = carrying.find(({value}) => value === observed.value)?.interval
  const noisy = interval && {limits: {interval, lower: interval[0], upper: interval[1]}, noisy: true}
  return {...observed, ...noisy, ...(why === '' ? {} : {incomplete: why})}
}

function gaugeOf({aggregate, operator}: Threshold, values: readonly number[], bound: number): Observation {
  switch (aggregate) {
    case 'max':
      return {value: Math.max(...values)}
    case 'min':
      return {value: Math.min(...values)}
    case 'mean':
      return {value: sum(values) / values.length}
    default:
      return {value: worstOf(values, operator, bound)}
  }
}

function worstOf(values: readonly number[], operator: Operator, bound: number): number | undefined {
  if (operator.startsWith('<')) return Math.max(...values)
  if (operator.startsWith('>')) return Math.min(...values)
  const byDistance = values.toSorted((left, right) => Math.abs(left - bound) - Math.abs(right - bound))
  return byDistance.at(operator === '==' ? -1 : 0)
}

function observeShare({tags}: Threshold, slices: readonly ShareSlice[]): Observation {
  const picked = slices.filter((slice) => carries(slice, tags))
  const trials = sum(picked.map((slice) => slice.trials))
  const hits = sum(picked.map((slice) => slice.hits))
  if (trials === 0) return {value: undefined, nothing: 'nothing was tried', samples: 0}
  return {value: hits / trials, samples: trials, independent: trials, limits: shareLimits(hits, trials)}
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
