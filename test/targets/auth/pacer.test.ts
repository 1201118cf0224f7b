import {expect, test} from 'vitest'
import {LeapingClock} from '../../../src/lib/base/clock.js'
import {pacer} from '../../../src/lib/targets/auth/pacer.js'

test('turns come evenly, and time without callers is not made up for', async () => {
  const clock = new LeapingClock()
  const turn = pacer(4, clock)
  const taken: number[] = []
  const take = async (): Promise<void> => {
    await turn()
    taken.push(clock.now())
  }
  const rush = [take(), take(), take()]
  await clock.advance(10_000)
  await Promise.all([...rush])
  const later = [take(), take()]
  await clock.advance(10_000)
  await Promise.all(later)
  expect(taken).toEqual([0, 250, 500, 10_000, 10_250])
})
