/** The value in the middle: half lie below it and half above. */

/** Of values in ascending order; of an even number the mean of the two in the middle, of none NaN. */
export function medianOfSorted(sorted: ArrayLike<number>): number {
  const middle = sorted.length >> 1
  const above = sorted[middle] ?? NaN
  return sorted.length % 2 === 1 ? above : ((sorted[middle - 1] ?? NaN) + above) / 2
}

export function median(values: readonly number[]): number {
  return medianOfSorted(values.toSorted((left, right) => left - right))
}
