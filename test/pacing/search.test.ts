/** Which load a search tries next, and when it ends. */
import {describe, expect, it, test} from 'vitest'
import fc from 'fast-check'
import {doublings, nextLoad, type Tried} from '../../src/lib/pacing/search.js'

const SEARCH = {ascent: [10, 20, 40, 80], bisections: 3}

/** `10 held, 20 broke`: loads in the order in which they were tried. */
function tried(text: string): Tried[] {
  return [...text.matchAll(/(\d+) (\w+)/g)].map(([, load, outcome]) => ({load: Number(load), held: outcome === 'held'}))
}

describe('a search', () => {
  test.each<[string, string, number | undefined]>([
    ['begins with the lowest', '', 10],
    ['goes on to twice as many when a level held', '10 held', 20],
    ['ends at the top when everything held', '10 held, 20 held, 40 held, 80 held', undefined],
    ['halves the gap when a level broke', '10 held, 20 held, 40 broke', 30],
    ['goes down when the middle broke', '10 held, 20 held, 40 broke, 30 broke', 25],
    ['goes up when the middle held', '10 held, 20 held, 40 broke, 30 held', 35],
    ['takes whatever did not hold for a limit', '10 held, 20 strained', 15],
    ['ends after three levels in between', '10 held, 20 held, 40 broke, 30 broke, 25 held, 27 broke', undefined],
    ['ends when there is no room in between', '10 held, 20 broke, 15 broke, 11 broke', undefined],
    ['ends when not even the first level held', '10 broke', undefined],
  ])('%s', (_what, levels, next) => {
    expect(nextLoad(SEARCH, tried(levels))).toBe(next)
  })

  it('never tries a load that is no whole one, or none that can be told from its neighbours', () => {
    const toTens = (load: number): number => Math.round(load / 10) * 10
    expect(nextLoad(SEARCH, tried('10 held, 20 held, 40 broke, 30 broke'), toTens)).toBe(undefined)
    expect(nextLoad(SEARCH, tried('10 held, 20 held, 40 held, 80 broke'), toTens)).toBe(60)
  })

  it('ends close to a limit, wherever that is, and never tries a load twice', () => {
    const anywhere = fc.integer({min: 1, max: 2_000_000})
    fc.assert(
      fc.property(anywhere, fc.integer({min: 0, max: 8}), (limit, bisections) => {
        const search = {ascent: doublings(1000, 1_000_000), bisections}
        const tries: Tried[] = []
        for (let load = nextLoad(search, tries); load !== undefined; load = nextLoad(search, tries))
          tries.push({load, held: load <= limit})
        const loads = tries.map(({load}) => load)
        const held = Math.max(0, ...loads.filter((load) => load <= limit))
        expect(new Set(loads).size).toBe(loads.length)
        if (limit < 1000) expect(loads).toEqual([1000])
        else if (limit >= 1_000_000) expect(held).toBe(1_000_000)
        else expect(limit - held).toBeLessThanOrEqual(Math.ceil(held / 2 ** bisections))
      }),
    )
  })
})

describe('doublings', () => {
  test.each([
    [1000, 8000, [1000, 2000, 4000, 8000]],
    [1000, 5000, [1000, 2000, 4000, 5000]],
    [7, 7, [7]],
    [1250, 10_000, [1250, 2500, 5000, 10_000]],
  ])('from %i end with %i, whatever lies between', (from, most, loads) => {
    expect(doublings(from, most)).toEqual(loads)
  })
})
