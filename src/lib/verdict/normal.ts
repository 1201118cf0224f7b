/** The normal distribution's tail: how likely chance alone goes this far. */

/** Coefficients of Abramowitz & Stegun 26.2.17; the error stays below 7.5e-8. */
const [SCALE, TERMS] = [0.2316419, [0.31938153, -0.356563782, 1.781477937, -1.821255978, 1.330274429]] as const

/** P(Z > z) of a standard normal Z. */
export function normalAbove(z: number): number {
  if (z < 0) return 1 - normalAbove(-z)
  const t = 1 / (1 + SCALE * z)
  const series = TERMS.reduceRight<number>((sum, term) => t * (term + sum), 0)
  return (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * series
}
