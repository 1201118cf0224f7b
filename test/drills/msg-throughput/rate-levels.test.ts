import {describe, expect, test} from 'vitest'
import {nextRate, searchFor, type RateLevel} from '../../../src/lib/drills/msg-throughput/rate-levels.js'

const OPEN = searchFor({rate: 10_000, rateTyped: false, durationMs: 8000, rampMs: 3000})

function level(rate: number, outcome: RateLevel['outcome'] = 'held', why = ''): RateLevel {
  return {name: `rate-${rate}`, rate, outcome, why, p50: 1, p99: 9, published: 100, expected: 100, lost: 0}
}

/** Which rates are tried against a target that holds up to `limit`. */
function triedUpTo(limit: number, search = OPEN): number[] {
  const levels: RateLevel[] = []
  for (let rate = nextRate(search, levels); rate !== undefined; rate = nextRate(search, levels))
    levels.push(level(rate, rate <= limit ? 'held' : 'broke'))
  return levels.map(({rate}) => rate)
}

describe('the search for the highest rate', () => {
  test('doubles until a level breaks, then halves the gap four times', () => {
    expect(triedUpTo(22_500)).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 24_000, 20_000, 22_000, 23_000])
  })

  test('goes up to the rate that was typed, and no further', () => {
    const search = searchFor({rate: 10_000, rateTyped: true, durationMs: 8000, rampMs: 0})
    expect(triedUpTo(1e9, search)).toEqual([1250, 2500, 5000, 10_000])
  })

  test('ends with its first level when not even that holds', () => {
    expect(triedUpTo(10)).toEqual([1000])
  })

  test('ends by itself against a target without limits', () => {
    expect(triedUpTo(Infinity).at(-1)).toBe(1_000_000)
  })

  test('takes a level that strained us for one that did not hold', () => {
    expect(nextRate(OPEN, [level(1000), level(2000, 'strained')])).toBe(1500)
  })
})
