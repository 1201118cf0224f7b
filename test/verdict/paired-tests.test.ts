/** Tests of pairs and of groups, and the correction for asking often: against published values. */
import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {holm} from '../../src/lib/verdict/holm.js'
import {normalAbove} from '../../src/lib/verdict/normal.js'
import {rankSum} from '../../src/lib/verdict/rank-sum.js'
import {signedRank} from '../../src/lib/verdict/signed-rank.js'

describe('signed ranks', () => {
  test('height of cross- and self-fertilised maize, 15 pairs: 24 of the lesser ranks, chance 0.041', () => {
    // Darwin 1876, as in SciPy's manual of `wilcoxon`: statistic 24.0, pvalue 0.041259765625.
    const {statistic, chance} = signedRank([6, 8, 14, 16, 23, 24, 28, 29, 41, -48, 49, 56, 60, -67, 75])
    expect(statistic).toBe(120 - 24)
    expect(chance).toBeCloseTo(0.041259765625, 12)
  })

  test('depression scale before and after therapy, 9 pairs: V = 40, chance 0.039', () => {
    // Hollander & Wolfe 1973, 29 f., as in R's manual of `wilcox.test`: V = 40, one-sided p-value = 0.01953.
    const before = [1.83, 0.5, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.3]
    const after = [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29]
    const {statistic, chance} = signedRank(before.map((value, pair) => value - (after[pair] ?? 0)))
    expect(statistic).toBe(40)
    expect(chance / 2).toBeCloseTo(0.01953, 5)
  })

  test.each([
    // One-sided chances of the smallest sums, 1/2ⁿ each: Wilcoxon 1945, table I.
    [5, 2 / 2 ** 5],
    [10, 2 / 2 ** 10],
    [20, 2 / 2 ** 20],
  ])('%i pairs that all lean to one side', (pairs, chance) => {
    expect(signedRank(Array.from({length: pairs}, (_, pair) => pair + 1)).chance).toBeCloseTo(chance, 12)
  })

  test('counting and approximating agree where one takes over from the other', () => {
    const lean = (pairs: number) => Array.from({length: pairs}, (_, pair) => (pair % 3 === 0 ? -1 : 1) * (pair + 1))
    expect(Math.abs(signedRank(lean(50)).chance - signedRank(lean(51)).chance)).toBeLessThan(0.02)
  })

  test('pairs without a difference say nothing', () => {
    expect(signedRank([])).toEqual({statistic: 0, chance: 1, pairs: 0})
    expect(signedRank([0, 0, 0]).chance).toBe(1)
    expect(signedRank([0, 1, 2, 3])).toEqual(signedRank([1, 2, 3]))
  })

  test('turning all pairs round changes no chance, with ties too', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({min: -5, max: 5}), {maxLength: 70}), (differences) => {
        const [one, other] = [signedRank(differences), signedRank(differences.map((difference) => -difference))]
        expect(one.chance).toBeCloseTo(other.chance, 9)
        expect(one.chance).toBeGreaterThanOrEqual(0)
        expect(one.chance).toBeLessThanOrEqual(1)
      }),
    )
  })
})

describe('rank sums', () => {
  test('age at diagnosis of men and women: U = 17, chance 0.111', () => {
    // SciPy's manual of `mannwhitneyu`: U1 = 17, exact pvalue 0.1111111111111111.
    const found = rankSum([19, 22, 16, 29, 24], [20, 11, 17, 12])
    expect(found.statistic).toBe(17)
    expect(found.chance).toBeCloseTo(1 / 9, 12)
  })

  test('permeability of membranes at term and earlier: W = 35, chance 0.254', () => {
    // Hollander & Wolfe 1973, 69 f., as in R's manual of `wilcox.test`: W = 35, one-sided p-value = 0.1272.
    const term = [0.8, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46]
    const earlier = [1.15, 0.88, 0.9, 0.74, 1.21]
    expect(rankSum(term, earlier).statistic).toBe(35)
    expect(rankSum(term, earlier).chance / 2).toBeCloseTo(0.1272, 4)
  })

  test('the approximation agrees with the counting where it takes over', () => {
    const upTo = (length: number, shift: number) => Array.from({length}, (_, index) => index + shift)
    expect(
      Math.abs(rankSum(upTo(20, 0), upTo(20, 4.5)).chance - rankSum(upTo(20, 0), upTo(21, 4)).chance),
    ).toBeLessThan(0.03)
  })

  test('no chance depends on which group comes first, and equal groups are equal', () => {
    const group = fc.array(fc.integer({min: 0, max: 6}), {minLength: 1, maxLength: 30})
    fc.assert(
      fc.property(group, group, (left, right) => {
        expect(rankSum(left, right).chance).toBeCloseTo(rankSum(right, left).chance, 9)
        expect(rankSum(left, left).chance).toBeCloseTo(1, 6)
      }),
    )
    expect(rankSum([], [1]).chance).toBe(1)
  })
})

test.each([
  // Abramowitz & Stegun, table 26.1, 1 − P(x).
  [0, 0.5],
  [1, 0.158655254],
  [1.959964, 0.025],
  [-1, 0.841344746],
  [3, 0.001349898],
])('a standard normal value above %f has the chance %f', (z, chance) => expect(normalAbove(z)).toBeCloseTo(chance, 6))

test('Holm: as p.adjust of R puts it', () => {
  // p.adjust(c(0.01, 0.02, 0.03, 0.04, 0.05), "holm"), in another order here.
  const adjusted = holm([0.05, 0.03, 0.01, 0.02, 0.04])
  for (const [place, chance] of [0.09, 0.09, 0.05, 0.08, 0.09].entries())
    expect(adjusted[place]).toBeCloseTo(chance, 12)
  expect(holm([])).toEqual([])
  expect(holm([0.9, 0.8])).toEqual([1, 1])
})
