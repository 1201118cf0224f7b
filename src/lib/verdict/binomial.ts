/** The binomial distribution, exact for any number of trials, by way of the regularised incomplete beta function. */

/**
 * P(X ≤ hits) for X ~ Bin(trials, chance), as I₁₋ₚ(n−k, k+1) (Abramowitz & Stegun 26.5.24). It costs O(√trials), so
 * no normal approximation is needed for large runs.
 */
export function binomialAtMost(hits: number, trials: number, chance: number): number {
  if (hits < 0) return 0
  if (hits >= trials) return 1
  return regularisedBeta(1 - chance, trials - hits, hits + 1)
}

/** The smallest `hits` with P(X ≤ hits) ≥ `level`: the binomial quantile. */
export function binomialQuantile(level: number, trials: number, chance: number): number {
  let low = 0
  let high = trials
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if (binomialAtMost(middle, trials, chance) >= level) high = middle
    else low = middle + 1
  }
  return low
}

/**
 * Iₓ(a, b), the share of the beta distribution below x:
 *
 *   Iₓ(a,b) = xᵃ(1−x)ᵇ / (a·B(a,b)) · 1/(1+ d₁/(1+ d₂/(1+ …)))     (DLMF 8.17.22, Lentz's method)
 *
 * The fraction converges fast below x = (a+1)/(a+b+2); above it I₁₋ₓ(b, a) = 1 − Iₓ(a, b) is used.
 */
export function regularisedBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0
  if (x >= 1) return 1
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x))
  if (x < (a + 1) / (a + b + 2)) return (front * betaFraction(x, a, b)) / a
  return 1 - (front * betaFraction(1 - x, b, a)) / b
}

const TINY = 1e-300
const CLOSE_ENOUGH = 1e-15

function betaFraction(x: number, a: number, b: number): number {
  let c = 1
  let d = 1 / awayFromZero(1 - ((a + b) * x) / (a + 1))
  let fraction = d
  const mostSteps = 200 + 20 * Math.sqrt(Math.max(a, b))
  for (let m = 1; m < mostSteps; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
    d = 1 / awayFromZero(1 + even * d)
    c = awayFromZero(1 + even / c)
    fraction *= d * c
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))
    d = 1 / awayFromZero(1 + odd * d)
    c = awayFromZero(1 + odd / c)
    fraction *= d * c
    if (Math.abs(d * c - 1) < CLOSE_ENOUGH) break
  }
  return fraction
}

function awayFromZero(value: number): number {
  return Math.abs(value) < TINY ? TINY : value
}

/** ln Γ(z) for z ≥ 1: Stirling's series (DLMF 5.11.1), after stepping up to where five terms give full precision. */
function logGamma(z: number): number {
  let shift = 0
  let at = z
  for (; at < 15; at++) shift += Math.log(at)
  const inverse = 1 / (at * at)
  const series = (1 / 12 - inverse * (1 / 360 - inverse * (1 / 1260 - inverse * (1 / 1680 - inverse / 1188)))) / at
  return (at - 0.5) * Math.log(at) - at + 0.5 * Math.log(2 * Math.PI) + series - shift
}
