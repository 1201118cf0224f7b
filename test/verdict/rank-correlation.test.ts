/** Spearman's rank correlation: textbook values, ties, and the discount for series that wander. */
import {describe, expect, test} from 'vitest'
import {seededRandom} from '../../src/lib/base/random.js'
import {chanceOfCorrelation, effectiveSamples, spearman} from '../../src/lib/verdict/rank-correlation.js'

const upTo = (length: number) => Array.from({length}, (_, index) => index)

describe('textbook values', () => {
  // Hours of television and IQ, ten people (Wikipedia, "Spearman's rank correlation coefficient").
  const iq = [106, 100, 86, 101, 99, 103, 97, 113, 112, 110]
  const hours = [7, 27, 2, 50, 28, 29, 20, 12, 6, 17]

  test('ρ = −29/165 of IQ and hours of television', () => expect(spearman(iq, hours)).toBeCloseTo(-29 / 165, 12))

  test('of which chance makes one as strong in 62.7 % of cases', () =>
    expect(chanceOfCorrelation(-29 / 165, 10)).toBeCloseTo(0.627188, 6))

  test.each([
    // Critical values of Student's t: 2.306 for 8 and 4.587 for 10 degrees of freedom, two-sided 5 % and 0.1 %.
    ['5 % of 10 samples', 2.306, 10, 0.05],
    ['0.1 % of 12 samples', 4.587, 12, 0.001],
  ])('the chance is %s at the critical value of t', (_, t, samples, chance) => {
    const rho = t / Math.sqrt(samples - 2 + t * t)
    expect(chanceOfCorrelation(rho, samples) / chance).toBeCloseTo(1, 3)
  })

  test.each([
    ['no chance at all for a perfect one', 1, 30, 0],
    ['any for none', 0, 30, 1],
    ['any for two samples', 1, 2, 1],
  ])('%s', (_, rho, samples, chance) => expect(chanceOfCorrelation(rho, samples)).toBeCloseTo(chance, 12))
})

describe('ranks', () => {
  test.each([
    ['any rising curve is 1', [1, 2, 3, 4], [1, 10, 100, 1000], 1],
    ['any falling one −1', [1, 2, 3, 4], [9, 8, 1, 0], -1],
    // Ranks 1, 2.5, 2.5, 4 against 1, 2, 3, 4: 4.5 / √(4.5 · 5).
    ['ties share their mean rank', [1, 2, 2, 3], [1, 2, 3, 4], 4.5 / Math.sqrt(22.5)],
  ])('%s', (_, x, y, rho) => expect(spearman(x, y)).toBeCloseTo(rho, 12))

  test.each([
    ['a constant series', [1, 2, 3], [5, 5, 5]],
    ['nothing', [], []],
  ])('there is none for %s', (_, x, y) => expect(spearman(x, y)).toBeUndefined())
})

describe('effective samples', () => {
  const random = seededRandom('effective')
  const white = () => upTo(200).map(() => random.next())
  /** Each second keeps nine tenths of the last one's error. */
  const wandering = () => {
    let at = 0
    return upTo(200).map(() => (at = 0.9 * at + random.next() - 0.5))
  }

  test('white noise counts in full', () => expect(effectiveSamples(white(), white())).toBeGreaterThan(190))

  test('two that wander count for much less: about n·(1 − 0.81)/(1 + 0.81)', () => {
    const found = effectiveSamples(wandering(), wandering())
    expect(found).toBeGreaterThan(10)
    expect(found).toBeLessThan(45)
  })

  test('one that wanders beside one that does not counts in full', () =>
    expect(effectiveSamples(wandering(), white())).toBeGreaterThan(150))

  test('two that climb all the time keep their samples', () => {
    const climbing = () => upTo(60).map((second) => second + 4 * random.next())
    expect(effectiveSamples(climbing(), climbing())).toBeGreaterThan(45)
  })
})
