/** Puts values in order and says who stands where; equals share the mean of their ranks. */

/** 1 for the smallest. */
export function ranksOf(values: readonly number[]): number[] {
  const valueAt = (place: number) => values[order[place] ?? -1]
  const order = values.map((_, index) => index).sort((left, right) => (values[left] ?? 0) - (values[right] ?? 0))
  const ranks = new Array<number>(values.length).fill(0)
  for (let start = 0, end = 1; start < order.length; start = end++) {
    while (end < order.length && valueAt(end) === valueAt(start)) end++
    for (let place = start; place < end; place++) ranks[order[place] ?? -1] = (start + 1 + end) / 2
  }
  return ranks
}

/** Σ (t³ − t) over the groups of t equal values: what ties take from the variance of a rank statistic. */
export function tieTerm(ranks: readonly number[]): number {
  const sizes = new Map<number, number>()
  for (const rank of ranks) sizes.set(rank, (sizes.get(rank) ?? 0) + 1)
  return [...sizes.values()].reduce((sum, size) => sum + size ** 3 - size, 0)
}
