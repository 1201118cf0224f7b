/** Mann and Whitney's test: whether the values of one group lie above those of another, where they do not come in pairs. */
import {normalAbove} from './normal.js'
import {ranksOf, tieTerm} from './ranks.js'

/** Up to so many values in both groups every split is counted, ties included. */
const MOST_COUNTED = 40

export interface RankSum {
  /** U of the left group: in how many of all pairs its value is the larger one, equals as halves. */
  readonly statistic: number
  /** Two-sided: chance that two groups of the same distribution lie this far apart or farther. 1 where one of them is empty. */
  readonly chance: number
}

/**
 * Sources: Mann & Whitney, "On a test of whether one of two random variables is stochastically larger than the other", Ann. Math. Stat. 18,
 * 1947; Hollander & Wolfe, Nonparametric Statistical Methods, 4.1, for the variance with ties.
 */
export function rankSum(left: readonly number[], right: readonly number[]): RankSum {
  const ranks = ranksOf([...left, ...right])
  const sum = ranks.slice(0, left.length).reduce((total, rank) => total + rank, 0)
  const statistic = sum - (left.length * (left.length + 1)) / 2
  if (left.length === 0 || right.length === 0) return {statistic, chance: 1}
  const chance = ranks.length <= MOST_COUNTED ? counted(sum, left.length, ranks) : approximated(statistic, left, ranks)
  return {statistic, chance}
}

/** `ways[k][s]`: in how many ways k of the doubled ranks add up to s. */
function counted(sum: number, size: number, ranks: readonly number[]): number {
  const total = ranks.reduce((all, rank) => all + 2 * rank, 0)
  const ways = Array.from({length: size + 1}, () => new Float64Array(total + 1))
  const none = ways[0] as Float64Array
  none[0] = 1
  for (const rank of ranks) addRank(ways, 2 * rank)
  const last = ways[size] as Float64Array
  const splits = last.reduce((all, count) => all + count, 0)
  // The distribution is symmetric only without ties, so that both tails are counted by their distance from the mean.
  const mean = (size * total) / ranks.length
  const distance = Math.abs(2 * sum - mean) - 1e-9
  const extreme = last.reduce((all, count, at) => (Math.abs(at - mean) >= distance ? all + count : all), 0)
  return extreme / splits
}

function addRank(ways: readonly Float64Array[], step: number): void {
  for (let size = ways.length - 1; size > 0; size--) {
    const [taken, without] = [ways[size], ways[size - 1]]
    if (taken === undefined || without === undefined) continue
    for (let at = taken.length - 1; at >= step; at--) taken[at] = (taken[at] ?? 0) + (without[at - step] ?? 0)
  }
}

/** With the correction for continuity. */
function approximated(statistic: number, left: readonly number[], ranks: readonly number[]): number {
  const all = ranks.length
  const product = left.length * (all - left.length)
  const variance = (product / 12) * (all + 1 - tieTerm(ranks) / (all * (all - 1)))
  if (variance <= 0) return 1
  const distance = Math.max(0, Math.abs(statistic - product / 2) - 0.5)
  return Math.min(1, 2 * normalAbove(distance / Math.sqrt(variance)))
}
