/** Holds an observation against its bound: held, broken, or too close to call. */
import {formatCount, formatValue} from '../base/format-units.js'
import type {Unit} from '../metrics/metric.js'
import type {Verdict} from './finding.js'
import type {Observation} from './observe.js'
import type {Operator} from './threshold.js'

/** One promise in numbers. */
export interface Promised {
  readonly operator: Operator
  readonly bound: number
  readonly unit: Unit
}

export interface Judgement {
  readonly verdict: Verdict
  /** Why it is not a pass, or passes without a figure; else undefined. */
  readonly why: string | undefined
}

/**
 * DESIGN 6: counts and extremes are compared as they are; percentiles and shares also with their one-sided 95 % bound:
 * estimate broken → fail; estimate held, bound broken → inconclusive; both held → pass.
 */
export function compare(promised: Promised, observation: Observation): Judgement {
  const {value, nothing, incomplete} = observation
  if (nothing !== undefined || value === undefined || Number.isNaN(value)) return unobserved(observation)
  if (!holds(promised, value)) return mayHold(promised, observation) ?? broken(promised, value)
  if (incomplete !== undefined) return open(incomplete)
  return isEstimate(promised, observation) ? weigh(promised, observation, value) : {verdict: 'pass', why: undefined}
}

/** What is promised of each of none is kept. */
function unobserved({nothing, vacuous = false}: Observation): Judgement {
  return vacuous ? {verdict: 'pass', why: nothing} : open(nothing ?? 'nothing was measured')
}

/** Whether a value keeps the promise, taken as it is. */
export function holds({operator, bound}: Pick<Promised, 'operator' | 'bound'>, value: number): boolean {
  switch (operator) {
    case '<':
      return value < bound
    case '<=':
      return value <= bound
    case '>':
      return value > bound
    case '>=':
      return value >= bound
    case '==':
      return value === bound
    case '!=':
      return value !== bound
  }
}

/**
 * How far the value is from the bound, as a share of the bound; positive holds, and 0 stands on the bound. Undefined where
 * the bound is 0 and the value is not.
 */
export function marginOf({operator, bound}: Promised, value: number): number | undefined {
  if (value === bound) return 0
  if (bound === 0) return undefined
  const apart = (value - bound) / Math.abs(bound)
  if (operator === '==') return -Math.abs(apart)
  if (operator === '!=') return Math.abs(apart)
  return operator.startsWith('<') ? -apart : apart
}

/** No run is long enough to prove a share of exactly none or all, so there the run is taken at its word. */
function isEstimate({operator, bound, unit}: Promised, {limits}: Observation): boolean {
  if (limits === undefined || operator === '==' || operator === '!=') return false
  const extreme = unit === 'share' && ((operator === '<=' && bound === 0) || (operator === '>=' && bound === 1))
  return !extreme
}

/** The estimate holds; does its one-sided bound? */
function weigh(promised: Promised, observation: Observation, value: number): Judgement {
  const {limits, independent = 0, needed = 1} = observation
  const below = promised.operator.startsWith('<')
  const side = below ? limits?.upper : limits?.lower
  const samples = `${formatCount(independent)} ${independent === 1 ? 'sample' : 'samples'}`
  if (side === undefined)
    return open(`too few samples: ${samples}, where ${formatCount(needed)} are needed: run longer`)
  if (holds(promised, side)) return {verdict: 'pass', why: undefined}
  return tooClose(promised, {value, side, above: below, samples: observation.noisy === true ? NOISE : samples})
}

const NOISE = 'so much noise'

/** An estimate over noise that breaks its bound, while the true value may keep it. */
function mayHold(promised: Promised, {value = 0, limits, noisy = false}: Observation): Judgement | undefined {
  const below = promised.operator.startsWith('<')
  const side = below ? limits?.lower : limits?.upper
  if (!noisy || side === undefined || !holds(promised, side)) return undefined
  return tooClose(promised, {value, side, above: !below, samples: NOISE})
}

interface Reach {
  readonly value: number
  /** How far the true value may lie away, and on which side. */
  readonly side: number
  readonly above: boolean
  readonly samples: string
}

function tooClose(promised: Promised, {value, side, above, samples}: Reach): Judgement {
  const reach = `${text(value, promised)}, but ${above ? 'up to' : 'down to'} ${text(side, promised)} is possible`
  return open(`too close to call on ${samples} (${reach}): run longer`)
}

function broken(promised: Promised, value: number): Judgement {
  return {verdict: 'fail', why: `${text(value, promised)} breaks ${inWords(promised)}`}
}

function open(why: string): Judgement {
  return {verdict: 'inconclusive', why}
}

function inWords(promised: Promised): string {
  return `${promised.operator} ${text(promised.bound, promised)}`
}

function text(value: number, {unit}: Promised): string {
  return formatValue(value, unit)
}
