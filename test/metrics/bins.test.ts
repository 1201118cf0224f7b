import fc from 'fast-check'
import {describe, expect, it, test} from 'vitest'
import {Bins, type BinCounts} from '../../src/lib/metrics/bins.js'
import {Measurements} from '../../src/lib/metrics/measurements.js'
import {Tally} from '../../src/lib/metrics/tally.js'

function binsOf(...counts: BinCounts): Bins {
  const bins = new Bins()
  bins.merge(counts)
  return bins
}

const ALL = {fromMs: 0, toMs: 1e6}

describe('bins of 100 ms', () => {
  const bins = binsOf([3, 2], [5, 1], [6, 4], [20, 3])

  test.each<[string, number, number, number]>([
    ['all of them', 0, 10_000, 10],
    ['those of a stretch', 500, 700, 5],
    ['the one in which a stretch begins, to the nearest at its end', 590, 660, 5],
    ['one at least', 310, 320, 2],
    ['none after the last', 2100, 9000, 0],
  ])('add up %s', (_what, fromMs, toMs, total) => {
    expect(bins.total({fromMs, toMs})).toBe(total)
  })

  it('tell when the first was counted, not before the stretch begins', () => {
    expect(bins.first(ALL)).toBe(300)
    expect(bins.first({fromMs: 520, toMs: 1000})).toBe(520)
    expect(bins.first({fromMs: 700, toMs: 1000})).toBeUndefined()
  })

  it('tell the most of one, or of several in a row', () => {
    expect(bins.peak(ALL)).toBe(4)
    expect(bins.peak(ALL, 4)).toBe(7)
    expect(bins.peak({fromMs: 700, toMs: 900}, 10)).toBe(0)
  })

  it('tell by when so many were counted', () => {
    expect(bins.reaching(1, ALL)).toBe(400)
    expect(bins.reaching(7, ALL)).toBe(700)
    expect(bins.reaching(11, ALL)).toBeUndefined()
  })

  it('keep ten hours and no more', () => {
    expect(binsOf([359_999, 1], [360_000, 1], [1e9, 1]).total({fromMs: 0, toMs: 1e12})).toBe(1)
  })
})

it('what workers note is the same whichever way it is told', () => {
  const moments = fc.array(
    fc.record({worker: fc.nat({max: 2}), at: fc.integer({min: -500, max: 20_000}), times: fc.nat(5)}),
  )
  fc.assert(
    fc.property(moments, fc.nat({max: 20}), (noted, cut) => {
      const measurements = new Measurements()
      for (const part of [noted.slice(cut), noted.slice(0, cut)]) {
        for (const worker of [2, 0, 1]) {
          const tally = new Tally()
          for (const {at, times} of part.filter((moment) => moment.worker === worker)) tally.bins('back').add(at, times)
          measurements.merge(worker, {second: 0, entries: tally.take()})
        }
      }
      const whole = noted.reduce((sum, {times}) => sum + times, 0)
      expect(measurements.bins('back').total(ALL)).toBe(whole)
      const early = noted.filter(({at}) => at < 7000).reduce((sum, {times}) => sum + times, 0)
      expect(measurements.bins('back').total({fromMs: 0, toMs: 7000})).toBe(early)
    }),
  )
})

it('a tally tells of bins once, and only of those in which something was counted', () => {
  const tally = new Tally()
  tally.bins('back').add(250)
  tally.bins('back').add(299, 2)
  tally.bins('back').add(1000)
  expect(tally.take()).toEqual([
    {
      type: 'bins',
      metric: 'back',
      counts: [
        [2, 3],
        [10, 1],
      ],
    },
  ])
  expect(tally.take()).toEqual([])
})
