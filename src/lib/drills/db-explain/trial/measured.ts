/** What was measured of one query: its times without and with the new indexes, the plans behind them, and whether it answers the same. */
import type {Random} from '../../../base/random.js'
import type {Ms} from '../../../base/units.js'
import {rankSum} from '../../../verdict/rank-sum.js'
import {signedRank} from '../../../verdict/signed-rank.js'
import {pairedRatio, unpairedRatio, type Ratio, type Times} from '../../../verdict/time-ratio.js'
import type {BoundQuery, Stratum} from '../query.js'
import type {Sameness} from './check-answer.js'

export interface BindingTimes extends Times {
  readonly stratum: Stratum
  readonly before: readonly Ms[]
  /** Of pairs, at the same place as its `before`. */
  readonly after: readonly Ms[]
  /** ln(after/before) at most this far off is the ratio of this binding alone; undefined below three pairs. */
  readonly ratio: Ratio | undefined
}

export interface Measured {
  readonly query: string
  readonly design: 'pairs' | 'blocks'
  readonly bindings: readonly BindingTimes[]
  /** after/before over all bindings. */
  readonly ratio: Ratio | undefined
  /** Two-sided chance that nothing changed: signed ranks of pairs, rank sums of blocks (the least likely binding, by Bonferroni). */
  readonly chance: number
  readonly runs: number
  /** What all its runs took, those that did not count included. */
  readonly ranMs: Ms
  /** The same with everything around them: plans looked at, indexes hidden and shown, answers compared. */
  readonly spentMs: Ms
  /** Runs that the server refused or cancelled, by SQLSTATE; `57014` is a timeout. */
  readonly failures: Readonly<Record<string, number>>
  /** Runs that timed out count with the time that they were given: the true one is longer. */
  readonly timeouts: {readonly before: number; readonly after: number}
  readonly answers: Sameness
  /** Names of the new indexes that a plan reads when they are shown. */
  readonly uses: readonly string[]
  /** No binding's plan differs in shape or cost: what is new has no part in it. */
  readonly samePlan: boolean
  /** How often the plan of a binding changed its shape from one look to the next without anything having been done. */
  readonly flips: number
  /** `failing`: the server refused it too often. */
  readonly ended: 'precise' | 'capped' | 'interrupted' | 'failing'
}

export type Side = 'before' | 'after'

/** What grows while it is measured. */
export interface Logbook {
  readonly query: BoundQuery
  readonly times: {readonly before: Ms[]; readonly after: Ms[]}[]
  readonly failures: Map<string, number>
  readonly timeouts: {before: number; after: number}
  /** Per binding and side: the last shape and cost. */
  readonly plans: Map<string, {readonly shape: string; readonly cost: number}>
  readonly uses: Set<string>
  runs: number
  ranMs: Ms
  spentMs: Ms
  flips: number
  answers: Sameness
  /** The longest run with the new indexes; 0 before the first. */
  slowestAfter: Ms
}

export function emptyLogbook(query: BoundQuery): Logbook {
  return {
    query,
    times: query.bindings.map(() => ({before: [], after: []})),
    failures: new Map(),
    timeouts: {before: 0, after: 0},
    plans: new Map(),
    uses: new Set(),
    runs: 0,
    ranMs: 0,
    spentMs: 0,
    flips: 0,
    answers: 'unknown',
    slowestAfter: 0,
  }
}

/** True only where every binding was looked at on both sides. */
export function hasSamePlan({query, plans}: Logbook): boolean {
  return query.bindings.every((_, place) => isPlannedAlike({plans}, place))
}

/** With the new indexes as without; false before both were looked at. */
export function isPlannedAlike({plans}: Pick<Logbook, 'plans'>, place: number): boolean {
  const [before, after] = [plans.get(`${place} before`), plans.get(`${place} after`)]
  return before !== undefined && before.shape === after?.shape && before.cost === after.cost
}

export function measuredOf(
  record: Logbook,
  design: Measured['design'],
  ended: Measured['ended'],
  random: Random,
): Measured {
  const {query, times, failures, timeouts, uses, runs, ranMs, spentMs, flips, answers} = record
  const ratioOf = design === 'pairs' ? pairedRatio : unpairedRatio
  const draw = random.fork(query.name)
  return {
    query: query.name,
    design,
    bindings: query.bindings.map(({stratum}, place) => {
      const {before, after} = times[place] ?? {before: [], after: []}
      return {stratum, before, after, ratio: ratioOf([{before, after}], draw)}
    }),
    ratio: ratioOf(times, draw),
    chance: design === 'pairs' ? signedRank(logRatios(times)).chance : leastLikely(times),
    runs,
    ranMs,
    spentMs,
    failures: Object.fromEntries(failures),
    timeouts: {...timeouts},
    answers,
    uses: [...uses],
    samePlan: hasSamePlan(record),
    flips,
    ended,
  }
}

function logRatios(times: readonly Times[]): number[] {
  return times.flatMap(({before, after}) => after.map((time, pair) => Math.log(time / (before[pair] ?? NaN))))
}

function leastLikely(times: readonly Times[]): number {
  return Math.min(1, times.length * Math.min(1, ...times.map(({before, after}) => rankSum(after, before).chance)))
}
