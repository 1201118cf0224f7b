/** By how much a whole workload has changed: what all its calls take together, those that got slower included. */
import type {Random} from '../base/random.js'
import {bootstrap, medianOfDrawn, redraw, RESAMPLES} from './bootstrap.js'
import type {Ratio, Times} from './time-ratio.js'

export interface Member {
  /** How often it is called. */
  readonly calls: number
  /** Each kind of value is called as often as any other. */
  readonly strata: readonly Times[]
}

/**
 * Σ calls·after / Σ calls·before, where a member's time is the mean over its strata of the median. `paired`: what was run together is redrawn
 * together. Undefined when nothing was measured; members without a run on both sides are left out.
 */
export function workloadRatio(
  members: readonly Member[],
  random: Random,
  {paired = true, resamples = RESAMPLES} = {},
): Ratio | undefined {
  const parts = members.flatMap(({calls, strata}) => {
    const measured = strata.filter(({before, after}) => before.length > 0 && after.length > 0)
    return measured.map((times) => partOf(times, calls / measured.length, paired))
  })
  if (parts.length === 0) return undefined
  const ratio = (from: Random | undefined) => {
    let [before, after] = [0, 0]
    for (const part of parts) {
      const [left, right] = part(from)
      before += left
      after += right
    }
    return after / before
  }
  const samples = members
    .flatMap(({strata}) => strata)
    .reduce((sum, {before, after}) => sum + Math.min(before.length, after.length), 0)
  return {ratio: ratio(undefined), samples, ...bootstrap(() => ratio(random), resamples)}
}

/** exp of the mean logarithm; undefined of none. */
export function geometricMean(values: readonly number[]): number | undefined {
  if (values.length === 0) return undefined
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length)
}

/** Weighted medians before and after; of what was measured, or of what was redrawn from it. */
function partOf(
  times: Times,
  weight: number,
  paired: boolean,
): (random: Random | undefined) => readonly [number, number] {
  const [before, after] = [side(times.before), side(times.after)]
  const together = paired && times.before.length === times.after.length
  return (random) => {
    before.redraw(random)
    if (together) after.follow(before)
    else after.redraw(random)
    return [weight * before.median(), weight * after.median()]
  }
}

interface Side {
  /** How often each run was drawn, in the order of the runs. */
  readonly drawn: Int32Array
  redraw(random: Random | undefined): void
  follow(other: Side): void
  median(): number
}

function side(times: readonly number[]): Side {
  const order = times.map((_, index) => index).sort((left, right) => (times[left] ?? 0) - (times[right] ?? 0))
  const sorted = order.map((index) => times[index] ?? NaN)
  const drawn = new Int32Array(times.length)
  const inOrder = new Int32Array(times.length)
  return {
    drawn,
    redraw(random) {
      if (random === undefined) drawn.fill(1)
      else redraw(drawn, random)
    },
    follow: (other) => drawn.set(other.drawn),
    median() {
      for (const [place, index] of order.entries()) inOrder[place] = drawn[index] ?? 0
      return medianOfDrawn(sorted, inOrder)
    },
  }
}
