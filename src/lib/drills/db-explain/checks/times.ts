/** A distribution as facts carry it: encoded, with the figures that are told of it. */
import {Histogram} from '../../../metrics/histogram.js'
import type {Ms} from '../../../base/units.js'

export interface Times {
  /** An encoded histogram of milliseconds. */
  readonly encoded: string
  readonly count: number
  /** 0 where there are none. */
  readonly p50: Ms
  readonly p95: Ms
  readonly mean: Ms
}

export function timesOf(histogram: Histogram): Times {
  const {count} = histogram
  const at = (p: number) => histogram.percentile(p) ?? 0
  return {encoded: histogram.encode(), count, p50: at(50), p95: at(95), mean: histogram.mean ?? 0}
}
