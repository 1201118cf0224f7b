import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {seededRandom} from '../../src/lib/base/random.js'
import {burst, countOfBurst} from '../../src/lib/pacing/burst.js'
import {closed, open, type Load} from '../../src/lib/pacing/load.js'
import {arrivalsBy, arrivalsIn, timeOf} from '../../src/lib/pacing/linear.js'
import {countOfPace, scheduleFrom, type Pace} from '../../src/lib/pacing/pace.js'
import {poisson} from '../../src/lib/pacing/poisson.js'
import {countOfRamp, ramp} from '../../src/lib/pacing/ramp.js'
import {countOfStages, stages} from '../../src/lib/pacing/stages.js'
import {countOf, steady} from '../../src/lib/pacing/steady.js'

const rates = fc.integer({min: 0, max: 2000})
const lengths = fc.integer({min: 0, max: 5000})
const stageLists = fc.array(fc.record({lengthMs: lengths, target: rates}), {maxLength: 5})
const paces: fc.Arbitrary<Pace> = fc.oneof(
  fc.record({kind: fc.constant('steady' as const), rate: rates, lengthMs: lengths}),
  fc.record({kind: fc.constant('ramp' as const), from: rates, to: rates, lengthMs: lengths}),
  fc.record({kind: fc.constant('stages' as const), stages: stageLists, startRate: rates}),
  fc.record({kind: fc.constant('poisson' as const), rate: rates, lengthMs: lengths}),
  fc.record({
    kind: fc.constant('burst' as const),
    size: fc.integer({min: 0, max: 50}),
    everyMs: fc.integer({min: 1, max: 1000}),
    lengthMs: lengths,
  }),
)

const lengthOf = (pace: Pace) =>
  pace.kind === 'stages' ? pace.stages.reduce((sum, {lengthMs}) => sum + lengthMs, 0) : pace.lengthMs

/** How far any of the numbers is from what it should be. */
function furthest(numbers: readonly number[], expected: (n: number) => number): number {
  return numbers.reduce((most, number, n) => Math.max(most, Math.abs(number - expected(n))), 0)
}

describe('every schedule', () => {
  test('ascends from 0 or later and ends before its length', () => {
    fc.assert(
      fc.property(paces, (pace) => {
        const length = lengthOf(pace)
        let last = 0
        for (const due of scheduleFrom(pace, seededRandom('x'))) {
          if (!(due >= last && due < length)) throw new Error(`${due} after ${last}, length ${length}`)
          last = due
        }
      }),
    )
  })

  test('has as many arrivals as were counted without walking it', () => {
    fc.assert(
      fc.property(paces, (pace) => {
        const counted = countOfPace(pace)
        if (counted !== undefined) expect([...scheduleFrom(pace, seededRandom('x'))]).toHaveLength(counted)
      }),
    )
  })

  test('can be walked again with the same result, also after it was sent to a worker as JSON', () => {
    fc.assert(
      fc.property(paces, fc.string(), (pace, seed) => {
        const schedule = scheduleFrom(pace, seededRandom(seed))
        const arrivals = [...schedule]
        expect([...schedule]).toEqual(arrivals)
        expect([...scheduleFrom(JSON.parse(JSON.stringify(pace)) as Pace, seededRandom(seed))]).toEqual(arrivals)
      }),
      {numRuns: 30},
    )
  })
})

describe('a steady schedule', () => {
  test.each([
    ['10/s for a second', 10, 1000, [0, 100, 200, 300, 400, 500, 600, 700, 800, 900]],
    ['4/s for a little more than half a second', 4, 501, [0, 250, 500]],
    ['4/s for half a second', 4, 500, [0, 250]],
    ['nothing', 0, 1000, []],
    ['no time', 10, 0, []],
    ['one in ten seconds', 0.1, 10_000, [0]],
  ])('of %s', (_name, rate, length, arrivals) => {
    expect([...steady(rate, length)]).toEqual(arrivals)
  })

  test('is evenly spaced and does not drift', () => {
    fc.assert(
      fc.property(fc.integer({min: 1, max: 20_000}), (rate) => {
        const arrivals = [...steady(rate, 1000)]
        expect(arrivals).toHaveLength(rate)
        expect(furthest(arrivals, (n) => (n * 1000) / rate)).toBeLessThan(1e-9)
      }),
      {numRuns: 10},
    )
  })

  test('counts what an hour at 10,000/s is without walking it', () => {
    expect(countOf(10_000, 3_600_000)).toBe(36_000_000)
    expect(countOf(10, 60_000)).toBe(600)
    expect(countOf(1 / 3, 9000)).toBe(3)
    expect(countOf(0.1 + 0.2, 10_000)).toBe(3)
  })

  test.each([
    [-1, 1000],
    [NaN, 1000],
    [1, -1],
    [Infinity, 1000],
  ])('refuses %d/s for %d ms', (rate, length) => {
    expect(() => steady(rate, length)).toThrow(RangeError)
  })
})

describe('a ramp', () => {
  test('puts each arrival where the integral of the rate reaches its number', () => {
    fc.assert(
      fc.property(rates, rates, fc.integer({min: 1, max: 5000}), (from, to, lengthMs) => {
        const line = {from, to, lengthMs}
        const reached = Array.from(ramp(from, to, lengthMs), (due) => arrivalsBy(due, line))
        expect(furthest(reached, (n) => n)).toBeLessThan(1e-6)
        expect(arrivalsBy(lengthMs, line)).toBeCloseTo(arrivalsIn(line), 6)
      }),
    )
  })

  test('is the exact inverse of its integral at any time', () => {
    const anyRate = fc.double({min: 0.1, max: 1e5, noNaN: true})
    fc.assert(
      fc.property(anyRate, anyRate, fc.double({min: 0, max: 1, noNaN: true}), (from, to, part) => {
        const line = {from, to, lengthMs: 10_000}
        const time = part * 10_000
        expect(timeOf(arrivalsBy(time, line), line)).toBeCloseTo(time, 4)
      }),
    )
  })

  test('up from nothing: the gaps shrink, and a quarter comes in the first half', () => {
    const arrivals = [...ramp(0, 100, 10_000)]
    expect(arrivals).toHaveLength(500)
    expect(arrivals.filter((due) => due < 5000)).toHaveLength(125)
    expect(arrivals.slice(0, 3)).toEqual([0, expect.closeTo(447.21, 2), expect.closeTo(632.46, 2)])
  })

  test('down to nothing mirrors it', () => {
    const arrivals = [...ramp(100, 0, 10_000)]
    expect(arrivals).toHaveLength(500)
    expect(arrivals.filter((due) => due < 5000)).toHaveLength(375)
  })

  test('between equal rates is steady', () => {
    fc.assert(
      fc.property(rates, lengths, (rate, length) => {
        const arrivals = [...ramp(rate, rate, length)]
        expect(arrivals).toHaveLength(countOf(rate, length))
        expect(furthest(arrivals, (n) => (n * 1000) / rate)).toBeLessThan(1e-6)
      }),
    )
  })

  test('knows its count', () => {
    expect(countOfRamp(0, 10_000, 60_000)).toBe(300_000)
  })
})

describe('stages', () => {
  test('ramp from the last target to the next, and hold between equal ones', () => {
    const list = [
      {lengthMs: 10_000, target: 100},
      {lengthMs: 10_000, target: 100},
      {lengthMs: 10_000, target: 0},
    ]
    const arrivals = [...stages(list, 0)]
    const between = (start: number, end: number) => arrivals.filter((due) => due >= start && due < end).length
    expect([between(0, 10_000), between(10_000, 20_000), between(20_000, 30_000)]).toEqual([500, 1000, 500])
    expect(countOfStages(list, 0)).toBe(2000)
  })

  test('go on evenly across a boundary that falls between two arrivals', () => {
    const list = [
      {lengthMs: 250, target: 10},
      {lengthMs: 250, target: 10},
    ]
    expect([...stages(list, 10)]).toEqual([0, 100, 200, 300, 400])
  })

  test('cut anywhere are the same as whole', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({min: 1, max: 700}), {minLength: 1, maxLength: 8}), rates, (cuts, rate) => {
        const list = cuts.map((lengthMs) => ({lengthMs, target: rate}))
        const whole = [
          ...steady(
            rate,
            cuts.reduce((sum, cut) => sum + cut),
          ),
        ]
        const cut = [...stages(list, rate)]
        expect(cut).toHaveLength(whole.length)
        expect(furthest(cut, (n) => whole[n] ?? NaN)).toBeLessThan(1e-5)
      }),
    )
  })

  test('of length 0 jump', () => {
    const list = [
      {lengthMs: 0, target: 10},
      {lengthMs: 500, target: 10},
      {lengthMs: 0, target: 2},
      {lengthMs: 1000, target: 2},
    ]
    expect([...stages(list, 0)]).toEqual([0, 100, 200, 300, 400, 500, 1000])
  })

  test('pause while the rate is 0', () => {
    const list = [
      {lengthMs: 1000, target: 0},
      {lengthMs: 5000, target: 0},
      {lengthMs: 0, target: 2},
      {lengthMs: 1000, target: 2},
    ]
    expect([...stages(list, 4)]).toEqual([0, expect.closeTo(292.89, 2), 6000, 6500])
  })

  test('that are none have no arrivals', () => {
    expect([...stages([], 10)]).toEqual([])
    expect(countOfStages([], 10)).toBe(0)
  })
})

describe('bursts', () => {
  test('come together, again and again', () => {
    expect([...burst(3, 1000, 2500)]).toEqual([0, 0, 0, 1000, 1000, 1000, 2000, 2000, 2000])
  })

  test.each([
    ['end before the length', 3, 1000, 2000, 6],
    ['of nothing are none', 0, 1000, 2000, 0],
    ['in no time are none', 3, 1000, 0, 0],
    ['a fraction of a millisecond apart', 1, 0.1, 0.3, 3],
  ])('%s', (_name, size, everyMs, length, count) => {
    expect(countOfBurst(size, everyMs, length)).toBe(count)
  })

  test('must be apart', () => {
    expect(() => burst(3, 0, 1000)).toThrow(RangeError)
  })
})

describe('Poisson arrivals', () => {
  const arrivals = [...poisson(1000, 100_000, seededRandom('poisson'))]

  test('have the rate that was asked for', () => {
    // The count has a standard deviation of √100,000 ≈ 316.
    expect(Math.abs(arrivals.length - 100_000)).toBeLessThan(4 * 316)
  })

  test('have seconds whose counts vary as much as their mean', () => {
    const seconds = new Array<number>(100).fill(0)
    for (const due of arrivals) {
      const second = Math.floor(due / 1000)
      seconds[second] = (seconds[second] ?? NaN) + 1
    }
    const variance = seconds.reduce((sum, count) => sum + (count - 1000) ** 2, 0) / 100
    expect(variance / 1000).toSatisfy((ratio: number) => ratio > 0.6 && ratio < 1.5)
  })

  test('follow from the seed', () => {
    expect([...poisson(10, 5000, seededRandom('a'))]).not.toEqual([...poisson(10, 5000, seededRandom('b'))])
  })
})

test('a load says which model it is', () => {
  const schedule = steady(1, 1000)
  const loads: Load[] = [open(schedule), closed(5), closed(5, 20, 100)]
  expect(loads).toEqual([
    {model: 'open', schedule},
    {model: 'closed', users: 5, thinkMs: 0, iterationsPerUser: undefined},
    {model: 'closed', users: 5, thinkMs: 100, iterationsPerUser: 20},
  ])
})
