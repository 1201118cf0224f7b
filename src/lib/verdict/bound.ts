/** Reads a threshold's bound in the unit of its metric: `5m` is five minutes of a latency and five million of a count. */
import {UsageError} from '../base/errors.js'
import {parseCount, parseDuration, parseRate, parseShare, parseSize} from '../base/parse-units.js'
import type {Unit} from '../metrics/metric.js'

/** Yields ms, bytes, events per second, a fraction, or a count. Throws a UsageError that says what would fit; without `beyondAll` also for more than 100 %. */
export function readBound(bound: string, unit: Unit, {beyondAll = true} = {}): number {
  switch (unit) {
    case 'ms':
      return parseDuration(bound)
    case 'bytes':
      return parseSize(bound)
    case 'perSecond':
      return parseRate(bound)
    case 'share':
      return readShare(bound, beyondAll)
    case 'count':
      return readCount(bound)
  }
}

/** The unit that a bound was probably written in, when its metric is not known; a bare number is a count. */
export function likelyUnit(bound: string): Unit {
  const units: readonly Unit[] = ['count', 'ms', 'bytes', 'share', 'perSecond']
  return units.find((unit) => isReadable(bound, unit)) ?? 'count'
}

function isReadable(bound: string, unit: Unit): boolean {
  try {
    readBound(bound, unit)
    return true
  } catch {
    return false
  }
}

/** A bare `1` could be meant as 1 % or as all, and `< 1` would then hold for almost anything. */
function readShare(bound: string, beyondAll: boolean): number {
  if (/^1(?:\.0*)?$/.test(bound)) throw new UsageError(`'${bound}' of a share is ambiguous: write 1% or 100%`)
  return parseShare(bound, {beyondAll})
}

/** A mean or a gauge may be held against a fraction; with `k` or `m` it must come out whole. */
function readCount(bound: string): number {
  return /^\d*\.\d+$/.test(bound) ? Number(bound) : parseCount(bound)
}
