/** Theil and Sen's slope: published figures, ties, thinning, and how often its interval holds the true slope. */
import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {seededRandom, type Random} from '../../src/lib/base/random.js'
import {theilSen} from '../../src/lib/verdict/theil-sen.js'

/** Box and Muller's normal deviates. */
const normal = (random: Random) => Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next())
const upTo = (length: number) => Array.from({length}, (_, index) => index)

describe('published figures', () => {
  const x = [1, 2, 3, 4, 10, 12, 18]
  const y = [9, 15, 19, 20, 45, 55, 78]

  test("Sen's own example (1968, section 6): slope 4, and 26/7 to 35/8 at 93 %", () => {
    const found = theilSen(x, y, 1.8119)
    expect(found?.slope).toBeCloseTo(4, 10)
    expect(found?.interval?.[0]).toBeCloseTo(26 / 7, 10)
    expect(found?.interval?.[1]).toBeCloseTo(35 / 8, 10)
  })

  test('95 % is wider than 93 %', () => {
    const [low = 0, high = 0] = theilSen(x, y)?.interval ?? []
    expect(low).toBeLessThanOrEqual(26 / 7)
    expect(high).toBeGreaterThanOrEqual(35 / 8)
  })
})

describe('the slope', () => {
  test.each([
    ['a straight line is its own slope', [0, 1, 2, 3, 4, 5], [1, 3, 5, 7, 9, 11], 2],
    ['a constant has none', [0, 1, 2, 3, 4, 5], [7, 7, 7, 7, 7, 7], 0],
    ['one wild point does not move it', [0, 1, 2, 3, 4, 5, 6], [0, 1, 2, 3000, 4, 5, 6], 1],
    ['the order of the points does not count', [5, 0, 3, 1, 4, 2], [10, 0, 6, 2, 8, 4], 2],
    ['pairs of the same x are left out', [1, 1, 2, 2, 3, 3], [1, 1, 2, 2, 3, 3], 1],
  ])('%s', (_, x, y, slope) => expect(theilSen(x, y)?.slope).toBeCloseTo(slope, 10))

  test.each([
    ['no point', [], []],
    ['one point', [1], [1]],
    ['no two different x', [2, 2, 2], [1, 2, 3]],
  ])('there is none for %s', (_, x, y) => expect(theilSen(x, y)).toBeUndefined())

  test('two points have a slope and no interval', () =>
    expect(theilSen([0, 1], [0, 3])).toEqual({slope: 3, interval: undefined, points: 2}))

  test('what is no number is left out', () =>
    expect(theilSen([0, 1, 2, 3], [0, NaN, 4, 6])).toMatchObject({slope: 2, points: 3}))

  test('scales and shifts with y', () =>
    fc.assert(
      fc.property(
        fc.array(fc.integer({min: -1000, max: 1000}), {minLength: 5, maxLength: 40}),
        fc.integer({min: 1, max: 9}),
        (y, factor) => {
          const plain = theilSen(upTo(y.length), y)
          const scaled = theilSen(
            upTo(y.length),
            y.map((value) => value * factor + 17),
          )
          expect(scaled?.slope).toBeCloseTo((plain?.slope ?? NaN) * factor, 6)
          expect(scaled?.interval === undefined).toBe(plain?.interval === undefined)
        },
      ),
    ))
})

describe('the interval', () => {
  test('holds the true slope in 95 of 100 runs of white noise, give or take what 1,000 trials allow', () => {
    const random = seededRandom('theil-sen')
    let held = 0
    for (let trial = 0; trial < 1000; trial++) {
      const x = upTo(30)
      const [low, high] = theilSen(
        x,
        x.map((second) => 0.3 * second + normal(random)),
      )?.interval ?? [NaN, NaN]
      if (low <= 0.3 && 0.3 <= high) held++
    }
    // Three standard deviations of a share of 95 % in 1,000 trials are 2.1 points.
    expect(held).toBeGreaterThan(929)
    expect(held).toBeLessThan(980)
  })

  test('an hour of seconds is thinned to 600 points, the same each time, and keeps its slope', () => {
    const random = seededRandom('hour')
    const x = upTo(3600)
    const y = x.map((second) => 2 * second + 50 * normal(random))
    const found = theilSen(x, y)
    expect(found).toEqual(theilSen(x, y))
    expect(found?.points).toBe(600)
    expect(found?.slope).toBeCloseTo(2, 2)
    const [low = 0, high = 0] = found?.interval ?? []
    expect(high - low).toBeLessThan(0.02)
  })
})
