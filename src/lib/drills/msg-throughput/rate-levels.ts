/** The search for the highest rate: which rates are tried, and how they are said; pure. */
import {formatRate} from '../../base/format-units.js'
import type {Ms, PerSecond} from '../../base/units.js'
import {doublings, nextLoad, type Search} from '../../pacing/search.js'
import type {JudgedLevel, Scale} from '../../verdict/knee.js'
import type {MsgThroughputInput} from './input.js'

export interface RateSearch extends Search {
  /** How long each rate is held and judged, and how long it rises before. */
  readonly stepMs: Ms
  readonly settleMs: Ms
}

/** One rate as it went. */
export interface RateLevel extends JudgedLevel {
  readonly rate: PerSecond
  readonly p50: Ms | null
  readonly published: number
}

/** What belongs to no level: settling, and the wait for what is on its way. */
export const BETWEEN = 'between'

/** Where a search begins that has no highest rate to begin with a part of, and where it gives up. */
const FIRST: PerSecond = 1000
const HIGHEST: PerSecond = 1_000_000
const FIRST_SHARE = 8
const BISECTIONS = 4
/** A rate is told to three digits; closer ones are the same. */
const DIGITS = 3

type Asked = Pick<MsgThroughputInput, 'rate' | 'rateTyped' | 'durationMs' | 'rampMs'>

export function searchFor({rate, rateTyped, durationMs, rampMs}: Asked): RateSearch {
  const ascent = rateTyped ? doublings(rate / FIRST_SHARE, rate) : doublings(FIRST, HIGHEST)
  return {ascent, bisections: BISECTIONS, stepMs: durationMs, settleMs: rampMs}
}

/** Undefined when the search is over; `tried` in the order in which they were tried. */
export function nextRate(search: Search, tried: readonly Pick<RateLevel, 'rate' | 'outcome'>[]): PerSecond | undefined {
  return nextLoad(
    search,
    tried.map(({rate, outcome}) => ({load: rate, held: outcome === 'held'})),
    rounded,
  )
}

export const rateScale: Scale<RateLevel> = {
  axis: {name: 'rate', unit: 'perSecond'},
  load: ({rate}) => rate,
  words: ({rate}) => formatRate(rate),
  short: ({rate}) => formatRate(rate),
  top: 'the most that was asked for',
  metric: 'max_rate',
}

function rounded(rate: PerSecond): PerSecond {
  return Number(rate.toPrecision(DIGITS))
}
