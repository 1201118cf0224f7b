/** The slope of a cloud of points that a few wild ones cannot move: the median of the slopes between all pairs, with its interval. */
import {median, medianOfSorted} from './median.js'

/** Beyond this many points the pairs get too many (180,000 here), so that neighbours are brought down to one. */
const MOST_POINTS = 600

/** As many standard deviations as a two-sided 95 % interval reaches to either side. */
const Z_95 = 1.959964

export interface Slope {
  /** In units of y per unit of x. */
  readonly slope: number
  /** Two-sided, 95 % unless told otherwise; undefined where the points do not suffice for one. */
  readonly interval: readonly [number, number] | undefined
  /** How many points it is made of, after thinning. */
  readonly points: number
}

interface Point {
  readonly x: number
  readonly y: number
}

/**
 * Slope and interval of y over x; undefined when no two points differ in x. More than 600 points are brought down to 600, each the mean x
 * and the median y of as many neighbours. With S = Σ sign(slope − b) over the N pairs, the interval ends at the slopes of rank
 *
 *   M = (N − z·σ)/2   and   N + 1 − M,    σ² = (n(n−1)(2n+5) − Σ t(t−1)(2t+5)) / 18,   t: how many share one value of x, or of y
 *
 * It takes the errors as independent: where each second's error stays on into the next, it is too narrow.
 * Sources: Theil, Proc. Kon. Ned. Akad. Wet. 53, 1950; Sen, "Estimates of the regression coefficient based on Kendall's tau", J. Am. Stat.
 * Assoc. 63, 1968; Kendall, Rank Correlation Methods, 1975, for the ties.
 */
export function theilSen(xs: readonly number[], ys: readonly number[], z = Z_95): Slope | undefined {
  const points = thinned(pointsOf(xs, ys))
  const slopes = slopesBetween(points)
  if (slopes.length === 0) return undefined
  const spread = z * Math.sqrt(Math.max(0, varianceOf(points)))
  const rank = Math.floor((slopes.length - spread) / 2)
  const [low, high] = [slopes[rank - 1], slopes[slopes.length - rank]]
  const ends = low === undefined || high === undefined || points.length < 3
  return {slope: medianOfSorted(slopes), interval: ends ? undefined : [low, high], points: points.length}
}

/** In ascending order of x; what is no number is left out. Throws a RangeError when the lists differ in length. */
function pointsOf(xs: readonly number[], ys: readonly number[]): Point[] {
  if (xs.length !== ys.length) throw new RangeError(`${xs.length} values of x, but ${ys.length} of y`)
  const points = xs.map((x, index) => ({x, y: ys[index] ?? NaN}))
  return points.filter(({x, y}) => Number.isFinite(x) && Number.isFinite(y)).sort((left, right) => left.x - right.x)
}

function thinned(points: readonly Point[]): readonly Point[] {
  if (points.length <= MOST_POINTS) return points
  return Array.from({length: MOST_POINTS}, (_, block) => {
    const start = Math.floor((block * points.length) / MOST_POINTS)
    const end = Math.floor(((block + 1) * points.length) / MOST_POINTS)
    const part = points.slice(start, end)
    const x = part.reduce((sum, point) => sum + point.x, 0) / part.length
    return {x, y: median(part.map((point) => point.y))}
  })
}

/** In ascending order; pairs that share their x have none. */
function slopesBetween(points: readonly Point[]): Float64Array {
  const slopes = new Float64Array((points.length * (points.length - 1)) / 2)
  let count = 0
  for (const [index, left] of points.entries()) {
    for (const right of points.slice(index + 1)) {
      if (right.x > left.x) slopes[count++] = (right.y - left.y) / (right.x - left.x)
    }
  }
  return slopes.subarray(0, count).sort()
}

/** Of S, the number of rising pairs less the number of falling ones. */
function varianceOf(points: readonly Point[]): number {
  const term = (n: number) => n * (n - 1) * (2 * n + 5)
  const shared = [...tiesOf(points.map(({x}) => x)), ...tiesOf(points.map(({y}) => y))]
  return (term(points.length) - shared.reduce((sum, ties) => sum + term(ties), 0)) / 18
}

/** How often each value occurs. */
function tiesOf(values: readonly number[]): Iterable<number> {
  const counts = new Map<number, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return counts.values()
}
