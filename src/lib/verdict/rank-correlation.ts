/** Whether two series rise and fall together: Spearman's rank correlation, and how likely chance alone makes one as strong. */
import {regularisedBeta} from './binomial.js'
import {ranksOf} from './ranks.js'

/** The correlation of the ranks, −1 to 1, ties at their mean rank; undefined when one of the lists is constant or too short. */
export function spearman(xs: readonly number[], ys: readonly number[]): number | undefined {
  if (xs.length !== ys.length) throw new RangeError(`${xs.length} values of x, but ${ys.length} of y`)
  return pearson(ranksOf(xs), ranksOf(ys))
}

/**
 * The chance that two unrelated lists of `samples` show a rank correlation this far from 0 or farther, by Student's t with n − 2 degrees of
 * freedom: t² = ρ²(n−2)/(1−ρ²), and P(|T| > t) = I_{1−ρ²}((n−2)/2, 1/2). Parts of a sample are allowed.
 * Sources: Kendall & Stuart, The Advanced Theory of Statistics 2, 31.19; Abramowitz & Stegun 26.7.1.
 */
export function chanceOfCorrelation(rho: number, samples: number): number {
  if (samples <= 2) return 1
  return regularisedBeta(1 - Math.min(1, rho * rho), (samples - 2) / 2, 0.5)
}

/**
 * As how many independent samples two series of equally spaced ones count: n·(1−ab)/(1+ab), where a and b are the correlations of each series
 * with itself one step later. They are taken from the ranks after a straight line is taken out: what wanders is discounted, but two series that
 * climb together all the time keep their samples, because each step is one more time that they moved together.
 * Source: Bretherton et al., "The effective number of spatial degrees of freedom of a time-varying field", J. Climate 12, 1999, (31).
 */
export function effectiveSamples(xs: readonly number[], ys: readonly number[]): number {
  const product = Math.max(0, persistenceOf(xs)) * Math.max(0, persistenceOf(ys))
  return (xs.length * (1 - product)) / (1 + product)
}

/** The correlation of each value with the next one. */
function persistenceOf(values: readonly number[]): number {
  const rest = withoutTrend(ranksOf(values))
  return pearson(rest.slice(0, -1), rest.slice(1)) ?? 0
}

/** What is left when the straight line of least squares over time is taken out. */
function withoutTrend(values: readonly number[]): number[] {
  const middle = (values.length - 1) / 2
  const mean = meanOf(values)
  const covariance = values.reduce((sum, value, index) => sum + (value - mean) * (index - middle), 0)
  const variance = values.reduce((sum, _, index) => sum + (index - middle) ** 2, 0)
  const slope = variance === 0 ? 0 : covariance / variance
  return values.map((value, index) => value - mean - slope * (index - middle))
}

function pearson(xs: readonly number[], ys: readonly number[]): number | undefined {
  const [meanX, meanY] = [meanOf(xs), meanOf(ys)]
  let [covariance, varianceX, varianceY] = [0, 0, 0]
  for (let index = 0; index < xs.length; index++) {
    const dx = (xs[index] ?? meanX) - meanX
    const dy = (ys[index] ?? meanY) - meanY
    covariance += dx * dy
    varianceX += dx * dx
    varianceY += dy * dy
  }
  const scale = Math.sqrt(varianceX * varianceY)
  return scale > 0 ? Math.max(-1, Math.min(1, covariance / scale)) : undefined
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
