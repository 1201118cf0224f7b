import fc from 'fast-check'
import {describe, expect, it, test} from 'vitest'
import {RecoveryWatch, type Recovery} from '../../../src/lib/faults/course/windows.js'

/** One character a second, from second 0 on: a digit is tenths of the usual successes, `s` slow, `!` a broken threshold. */
function watched(script: string, {revertedAt}: {revertedAt: number}, usual = 100): Recovery | undefined {
  const watch = new RecoveryWatch()
  const [before, during, after] = script.split('|') as [string, string, string]
  let startMs = 0
  const feed = (seconds: string, steady: boolean): void => {
    for (const second of seconds) {
      const successes = second === '!' ? usual : (Number(second) * usual) / 10
      watch.window({startMs, successes, held: second !== '!', steady})
      startMs += 1000
    }
  }
  feed(before, true)
  watch.injected(0, startMs + 100)
  feed(during, false)
  watch.reverted(0, revertedAt)
  feed(after, false)
  watch.end(startMs)
  return watch.recovery(0)
}

/** 10 tenths do not fit into one character, so that 9 stands for the usual number here. */
const USUAL = '999'

describe('a fault that is put right at 5.3 s', () => {
  test.each<[string, string, number]>([
    ['has recovered with the first whole second when all is well at once', `${USUAL}|00|9999`, 700],
    ['has recovered with the first of three good seconds in a row', `${USUAL}|00|90999`, 2700],
    ['has not recovered while a steady threshold breaks, however much succeeds', `${USUAL}|00|9!!999`, 3700],
    ['has recovered when one second has a little less than usual, if such a second came before', '989|00|9899', 700],
  ])('%s', (_what, script, afterMs) => {
    // The second in which it was put right is not whole: it is the first character after the revert's second.
    const [before, during, after] = script.split('|')
    const found = watched(`${before}|${during}0|${after}`, {revertedAt: 5300})
    expect(found).toEqual({state: 'seen', atMs: 5300 + afterMs, afterMs})
  })

  test.each<[string, string, RegExp, number | undefined]>([
    ['is not seen to recover when it is silent', `${USUAL}|000|00000`, /for only 5.70 s .* run longer/, 5700],
    ['is not seen to recover when it does half as much', `${USUAL}|000|55555`, /run longer/, 5700],
    ['is not seen to recover when the run ends too soon', `${USUAL}|000|99`, /for only 2.70 s/, 700],
    ['is not seen to recover when the last good seconds are too few', `${USUAL}|000|9099`, /for only 4.70 s/, 2700],
    ['cannot be told when nothing was steady before', '|000|9999', /no whole steady second before/, undefined],
    ['cannot be told when there was silence before', '909|000|9999', /silence tells nothing/, undefined],
  ])('%s', (_what, script, why, atLeastMs) => {
    const found = watched(script, {revertedAt: script.startsWith('|') ? 2300 : 5300})
    const known = atLeastMs === undefined ? {} : {atLeastMs}
    expect(found).toEqual({state: 'unseen', why: expect.stringMatching(why) as string, ...known})
  })
})

describe('several faults', () => {
  const good = (watch: RecoveryWatch, from: number, seconds: number): void => {
    for (let n = 0; n < seconds; n++) watch.window({startMs: from + n * 1000, successes: 10, held: true, steady: false})
  }
  const begun = (): RecoveryWatch => {
    const watch = new RecoveryWatch()
    for (let n = 0; n < 3; n++) watch.window({startMs: n * 1000, successes: 10, held: true, steady: true})
    return watch
  }

  it('that overlap have recovered when none is left and all is well', () => {
    const watch = begun()
    watch.injected(0, 3000)
    watch.injected(1, 4000)
    watch.reverted(0, 5000)
    good(watch, 5000, 4)
    expect(watch.recovery(0)).toBeUndefined()
    watch.reverted(1, 9000)
    good(watch, 9000, 3)
    expect([watch.recovery(0), watch.recovery(1)]).toEqual([
      {state: 'seen', atMs: 9000, afterMs: 4000},
      {state: 'seen', atMs: 9000, afterMs: 0},
    ])
    expect(watch.recovering).toBe(false)
  })

  it('of which the next comes too soon leave the first one open', () => {
    const watch = begun()
    watch.injected(0, 3000)
    watch.reverted(0, 4000)
    good(watch, 4000, 2)
    watch.injected(1, 6000)
    watch.reverted(1, 7000)
    good(watch, 7000, 3)
    expect(watch.recovery(0)).toMatchObject({state: 'unseen', why: expect.stringContaining('next fault') as string})
    expect(watch.recovery(1)).toMatchObject({state: 'seen', afterMs: 0})
  })
})

it('recovers no earlier than the revert, and never later than it was watched', () => {
  const second = fc.constantFrom('0', '5', '9', '!')
  const script = fc.array(second, {minLength: 1, maxLength: 30}).map((seconds) => seconds.join(''))
  fc.assert(
    fc.property(script, fc.nat({max: 999}), (after, offset) => {
      const revertedAt = 4000 + offset
      const found = watched(`999|0|${after}`, {revertedAt})
      const endMs = 4000 + after.length * 1000
      const clear = after.slice(offset > 0 ? 1 : 0)
      const at = /9{3}/.exec(clear)
      expect(found?.state).toBe(at ? 'seen' : 'unseen')
      const known = found?.state === 'seen' ? found.afterMs : (found?.atLeastMs ?? 0)
      expect(known).toBeGreaterThanOrEqual(0)
      expect(known + revertedAt).toBeLessThanOrEqual(Math.max(endMs, revertedAt))
    }),
  )
})
