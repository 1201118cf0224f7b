/** Wilcoxon's signed-rank test: whether pairs lean to one side, whatever the shape of their distribution. */
import {normalAbove} from './normal.js'
import {ranksOf, tieTerm} from './ranks.js'

/** Up to so many pairs every choice of signs is counted, ties included; beyond, the normal approximation is as good. */
const MOST_COUNTED = 50

export interface SignedRank {
  /** Sum of the ranks of the differences above 0. */
  readonly statistic: number
  /** Two-sided: chance that pairs which lean to no side show this much or more. 1 where no pair differs. */
  readonly chance: number
  /** Pairs that differ; the others say nothing. */
  readonly pairs: number
}

/**
 * Of differences, or of logarithms of ratios. Zeros are left out, equals share their mean rank.
 * Sources: Wilcoxon, "Individual comparisons by ranking methods", Biometrics Bulletin 1, 1945; Hollander & Wolfe, Nonparametric
 * Statistical Methods, 3.1, for the counting and for the variance with ties.
 */
export function signedRank(differences: readonly number[]): SignedRank {
  const kept = differences.filter((difference) => difference !== 0 && !Number.isNaN(difference))
  const ranks = ranksOf(kept.map(Math.abs))
  const statistic = ranks.reduce((sum, rank, index) => sum + ((kept[index] ?? 0) > 0 ? rank : 0), 0)
  const pairs = kept.length
  if (pairs === 0) return {statistic, chance: 1, pairs}
  return {statistic, chance: pairs <= MOST_COUNTED ? counted(statistic, ranks) : approximated(statistic, ranks), pairs}
}

/** Mean ranks are halves, so that twice their sum is whole and the sums can be counted. */
function counted(statistic: number, ranks: readonly number[]): number {
  const total = ranks.reduce((sum, rank) => sum + 2 * rank, 0)
  const ways = new Float64Array(total + 1)
  ways[0] = 1
  for (const rank of ranks) {
    const step = 2 * rank
    for (let sum = total; sum >= step; sum--) ways[sum] = (ways[sum] ?? 0) + (ways[sum - step] ?? 0)
  }
  const lower = Math.min(2 * statistic, total - 2 * statistic)
  const extreme = ways.subarray(0, lower + 1).reduce((sum, count) => sum + count, 0)
  return Math.min(1, (2 * extreme) / 2 ** ranks.length)
}

/** With the correction for continuity. */
function approximated(statistic: number, ranks: readonly number[]): number {
  const n = ranks.length
  const variance = (n * (n + 1) * (2 * n + 1)) / 24 - tieTerm(ranks) / 48
  const distance = Math.max(0, Math.abs(statistic - (n * (n + 1)) / 4) - 0.5)
  return Math.min(1, 2 * normalAbove(distance / Math.sqrt(variance)))
}
