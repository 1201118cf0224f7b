import {describe, expect, it} from 'vitest'
import {partitionLength, partitionsToMake} from '../../../src/lib/targets/practice/partition-plan.js'

const SECOND = 1000

describe('the length of a partition', () => {
  it.each([
    [0, 10],
    [100, 10],
    [3000, 10],
    [5000, 6],
    [10_000, 3],
    [1_000_000, 2],
  ])('at %i rows a second is %i s', (rate, seconds) => {
    expect(partitionLength(rate)).toBe(seconds * SECOND)
  })
})

describe('the partitions to make', () => {
  const now = 1_000_000.5 * SECOND

  it('at first hold the present, reach back a while, and go on without a gap', () => {
    const made = partitionsToMake({now, lastEnds: undefined, ahead: 0, rate: 0})
    expect(made[0]?.starts).toBe(999_990 * SECOND)
    expect(made[0]?.ends).toBeGreaterThan(now)
    expect(made.filter(({starts}) => starts > now)).toHaveLength(2)
    for (const [index, {starts}] of made.entries()) if (index > 0) expect(starts).toBe(made[index - 1]?.ends)
  })

  it('are none while enough are ahead', () => {
    expect(partitionsToMake({now, lastEnds: now + 20 * SECOND, ahead: 2, rate: 5000})).toEqual([])
  })

  it('are as short as the rate says', () => {
    const lastEnds = 1_000_004 * SECOND
    expect(partitionsToMake({now, lastEnds, ahead: 1, rate: 10_000})).toEqual([
      {starts: lastEnds, ends: lastEnds + 3 * SECOND},
    ])
  })

  it('fill the time of an outage with one', () => {
    const made = partitionsToMake({now, lastEnds: 999_000 * SECOND, ahead: 0, rate: 0})
    expect(made[0]?.starts).toBe(999_000 * SECOND)
    expect(made[0]?.ends).toBeGreaterThan(now)
    expect(made).toHaveLength(3)
  })
})
