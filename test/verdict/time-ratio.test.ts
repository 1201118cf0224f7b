/** How much a time has changed: the estimate, and that its interval holds the truth as often as it says. */
import {describe, expect, test} from 'vitest'
import {seededRandom, type Random} from '../../src/lib/base/random.js'
import {medianOfSorted} from '../../src/lib/verdict/median.js'
import {medianOfDrawn, redraw} from '../../src/lib/verdict/bootstrap.js'
import {pairedRatio, unpairedRatio, type Times} from '../../src/lib/verdict/time-ratio.js'
import {geometricMean, workloadRatio} from '../../src/lib/verdict/workload-ratio.js'

const normal = (random: Random) => Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next())

/** Skewed, as latencies are, and both sides of a pair drift together. */
function timesOf(random: Random, pairs: number, ratio: number): Times {
  const drift = Array.from({length: pairs}, () => Math.exp(0.5 * normal(random)))
  const noisy = (base: number) => base * Math.exp(0.2 * normal(random) + (random.next() < 0.05 ? 1 : 0))
  return {before: drift.map(noisy), after: drift.map((base) => ratio * noisy(base))}
}

describe('of pairs', () => {
  test('finds the ratio, whatever drifts', () => {
    const found = pairedRatio([timesOf(seededRandom('ratio'), 200, 0.4)], seededRandom('draws'))
    expect(found?.ratio).toBeCloseTo(0.4, 1)
    expect(found?.samples).toBe(200)
    expect(found?.interval[0]).toBeLessThan(found?.lower ?? 0)
    expect(found?.upper).toBeLessThan(found?.interval[1] ?? 0)
  })

  test('the interval holds the truth in 95 of 100 runs, and the bound as well', () => {
    const random = seededRandom('coverage')
    let [within, above] = [0, 0]
    for (let trial = 0; trial < 600; trial++) {
      const strata = [timesOf(random, 10, 0.5), timesOf(random, 10, 0.25), timesOf(random, 10, 1)]
      const truth = (0.5 * 0.25) ** (1 / 3)
      const {interval = [0, 0], upper = 0} = pairedRatio(strata, random, 400) ?? {}
      if (interval[0] <= truth && truth <= interval[1]) within++
      if (truth <= upper) above++
    }
    // Three standard deviations of a share of 95 % in 600 trials are 2.7 points.
    expect(within).toBeGreaterThan(0.92 * 600)
    expect(above).toBeGreaterThan(0.92 * 600)
  })

  test('each kind of value counts the same, however often it was run', () => {
    const constant = (pairs: number, after: number) => ({
      before: new Array<number>(pairs).fill(1),
      after: new Array<number>(pairs).fill(after),
    })
    expect(pairedRatio([constant(50, 0.01), constant(5, 1)], seededRandom('x'))?.ratio).toBeCloseTo(0.1, 12)
  })

  test('says nothing of fewer than three pairs', () => {
    expect(pairedRatio([], seededRandom('x'))).toBeUndefined()
    expect(pairedRatio([{before: [1, 1], after: [2, 2]}], seededRandom('x'))).toBeUndefined()
  })

  test('the same seed draws the same interval', () => {
    const times = [timesOf(seededRandom('same'), 30, 0.5)]
    expect(pairedRatio(times, seededRandom('draws'))).toEqual(pairedRatio(times, seededRandom('draws')))
  })
})

test('of groups: the ratio of their medians, the smaller group telling how many', () => {
  const random = seededRandom('groups')
  const group = (base: number, size: number) => Array.from({length: size}, () => base * Math.exp(0.1 * normal(random)))
  const found = unpairedRatio([{before: group(10, 60), after: group(2, 40)}], random)
  expect(found?.ratio).toBeCloseTo(0.2, 1)
  expect(found?.samples).toBe(40)
  expect(found?.upper).toBeLessThan(0.25)
})

describe('of a workload', () => {
  const constant = (before: number, after: number, calls: number) => ({
    calls,
    strata: [{before: new Array<number>(9).fill(before), after: new Array<number>(9).fill(after)}],
  })

  test('sums what all calls take, those that got slower too', () => {
    // (100·1 + 10·30) / (100·10 + 10·10) = 400 / 1100
    expect(workloadRatio([constant(10, 1, 100), constant(10, 30, 10)], seededRandom('x'))?.ratio).toBeCloseTo(
      4 / 11,
      12,
    )
  })

  test('each kind of value is called as often as any other', () => {
    const [one] = constant(1, 1, 1).strata
    const [other] = constant(9, 1, 1).strata
    if (one === undefined || other === undefined) throw new Error('there are two')
    expect(workloadRatio([{calls: 7, strata: [one, other]}], seededRandom('x'))?.ratio).toBeCloseTo(2 / 10, 12)
  })

  test('its interval is narrower where what was run together is redrawn together', () => {
    const random = seededRandom('workload')
    const members = [{calls: 1, strata: [timesOf(random, 40, 0.5)]}]
    const width = ({interval: [low, high]} = workloadRatio(members, seededRandom('x')) ?? {interval: [NaN, NaN]}) =>
      high - low
    const apart = workloadRatio(members, seededRandom('x'), {paired: false})
    expect(width()).toBeLessThan(width(apart))
  })

  test('nothing measured is no ratio', () => {
    expect(workloadRatio([], seededRandom('x'))).toBeUndefined()
    expect(workloadRatio([{calls: 1, strata: [{before: [1], after: []}]}], seededRandom('x'))).toBeUndefined()
    expect(geometricMean([])).toBeUndefined()
    expect(geometricMean([0.5, 2, 8])).toBeCloseTo(2, 12)
  })
})

test('the median of what was drawn is the one of the values written out', () => {
  const random = seededRandom('drawn')
  for (let size = 1; size < 12; size++) {
    const values = Array.from({length: size}, (_, place) => place * place)
    const counts = new Int32Array(size)
    redraw(counts, random)
    const written = values.flatMap((value, place) => new Array<number>(counts[place] ?? 0).fill(value))
    expect(medianOfDrawn(values, counts)).toBe(medianOfSorted(written))
  }
})
