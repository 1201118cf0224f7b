import {expect, test, vi} from 'vitest'
import {HostClock, type Clock} from '../../../src/lib/base/clock.js'
import {seededRandom} from '../../../src/lib/base/random.js'
import {OwnHealth} from '../../../src/lib/drills/db-explain/own-health.js'

/** Every look at it is a second later than the one before, so that every timer of ours is late. */
function hurryingClock(): Clock {
  const host = new HostClock()
  let now = 0
  return {
    now: () => (now += 1000),
    sleep: (length, signal) => host.sleep(length, signal),
    reach: (due, signal) => host.reach(due, signal),
    date: () => host.date(),
  }
}

test('timers of ours that run late are told, and do not make us unhealthy: nothing of ours runs beside a query', async () => {
  const {signal} = new AbortController()
  using health = new OwnHealth({clock: hurryingClock(), random: seededRandom('late'), signal, runId: 'late'})
  health.begin('measurement')
  const {generator} = await vi.waitFor(() => {
    const facts = health.facts()
    expect(facts.generator.eventLoopDelayP99Ms).toBeGreaterThan(30)
    return facts
  })
  expect(generator.healthy).toBe(true)
})
