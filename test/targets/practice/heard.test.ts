import {describe, expect, it} from 'vitest'
import {LeapingClock} from '../../../src/lib/base/clock.js'
import {Heard} from '../../../src/lib/targets/practice/heard.js'

/** Hears one id each second; what is not named was never there. */
async function hearing(ids: readonly number[]): Promise<Heard> {
  const clock = new LeapingClock()
  const heard = new Heard(clock)
  for (const id of ids) {
    heard.age()
    heard.note(id)
    await clock.advance(1000)
  }
  return heard
}

const upTo = (last: number) => Array.from({length: last}, (_, index) => index + 1)

describe('what a node heard', () => {
  it('is new once', async () => {
    const heard = await hearing([1, 2])
    expect([heard.note(2), heard.note(3), heard.note(3)]).toEqual([false, true, false])
  })

  it.each([
    ['before anything is let go, everything is known', upTo(9), 0, upTo(9)],
    ['after 11 s everything still is', upTo(11), 0, upTo(11)],
    ['after 21 s the first ten are let go', upTo(21), 10, upTo(21).slice(10)],
    [
      'an id that comes late counts as known above the mark only',
      [20, ...upTo(9), 30, 31],
      0,
      [20, ...upTo(9), 30, 31],
    ],
  ])('%s', async (_, ids, mark, known) => {
    const heard = await hearing(ids)
    expect(heard.mark).toBe(mark)
    expect(heard.known(mark).sort((a, b) => a - b)).toEqual([...known].sort((a, b) => a - b))
  })

  it('reaches at least ten seconds back: all that came above the mark is known', async () => {
    for (let length = 1; length < 60; length++) {
      const heard = await hearing(upTo(length))
      expect(heard.mark).toBeLessThanOrEqual(Math.max(0, length - 10))
      expect(heard.known(heard.mark)).toHaveLength(length - heard.mark)
    }
  })
})
