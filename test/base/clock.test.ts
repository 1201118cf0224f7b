import {execFileSync} from 'node:child_process'
import {describe, expect, test} from 'vitest'
import {HostClock, LeapingClock} from '../../src/lib/base/clock.js'

describe('the clock of the host', () => {
  const clock = new HostClock()
  const hrtime = () => Number(process.hrtime.bigint()) / 1e6

  test('shows the time of process.hrtime, which all processes of the host share', () => {
    const [before, shown, after] = [hrtime(), clock.now(), hrtime()]
    // The offset was measured once; a tenth of a millisecond is more than that can be out.
    expect(shown).toBeGreaterThan(before - 0.1)
    expect(shown).toBeLessThan(after + 0.1)
  })

  test('agrees with another process', () => {
    const before = clock.now()
    const told = Number(
      execFileSync(process.execPath, ['-p', 'Number(process.hrtime.bigint()) / 1e6'], {encoding: 'utf8'}),
    )
    expect(told).toBeGreaterThan(before)
    expect(told).toBeLessThan(clock.now())
  })

  test('never goes back', () => {
    const shown = Array.from({length: 1000}, () => clock.now())
    expect(shown).toEqual([...shown].sort((left, right) => left - right))
  })

  test.each([0, 0.3, 1, 3.7])('does not wake before %d ms are over', async (length) => {
    const start = clock.now()
    await clock.sleep(length)
    expect(clock.now() - start).toBeGreaterThanOrEqual(length)
  })

  test('is never reached early, sharp or not, and at once when it lies behind', async () => {
    const clock = new HostClock()
    for (let gap = 0; gap < 60; gap++) {
      const due = clock.now() + gap / 10
      await clock.reach(due)
      expect(clock.now()).toBeGreaterThanOrEqual(due)
    }
    await expect(clock.reach(clock.now() - 1e9)).resolves.toBeUndefined()
  })

  test('is given up at once when the signal aborts', async () => {
    const clock = new HostClock()
    const controller = new AbortController()
    const reached = Promise.all(
      [1.5, 1e5, 2 ** 40].map((length) => clock.reach(clock.now() + length, controller.signal)),
    )
    controller.abort()
    await expect(reached).resolves.toBeDefined()
    await expect(clock.reach(clock.now() + 1e9, controller.signal)).resolves.toBeUndefined()
  })

  test('wakes at once when the signal aborts, however long the sleep', async () => {
    const controller = new AbortController()
    const slept = Promise.all([1e5, 2 ** 40, Infinity].map((length) => clock.sleep(length, controller.signal)))
    controller.abort()
    await expect(slept).resolves.toHaveLength(3)
  })

  test('does not sleep when the signal has aborted before', async () => {
    await expect(clock.sleep(1e9, AbortSignal.abort())).resolves.toBeUndefined()
  })

  test('does not wake at once from a sleep that is too long for a timer', async () => {
    const controller = new AbortController()
    let awake = false
    const slept = clock.sleep(2 ** 31 + 5, controller.signal).then(() => (awake = true))
    await clock.sleep(5)
    expect(awake).toBe(false)
    controller.abort()
    await slept
  })

  test('leaves no listener on the signal', async () => {
    const counted = countingSignal()
    await clock.sleep(1, counted.signal)
    await clock.sleep(0, counted.signal)
    expect(counted.listeners()).toBe(0)
  })

  test('knows the civil time', () => {
    expect(clock.date().getFullYear()).toBeGreaterThan(2025)
  })
})

describe('the leaping clock', () => {
  test('stands still until it is advanced', async () => {
    const clock = new LeapingClock()
    let awake = false
    const slept = clock.sleep(1).then(() => (awake = true))
    await clock.advance(0.999)
    expect([clock.now(), awake, clock.sleeping]).toEqual([0.999, false, 1])
    await clock.advance(0.001)
    await slept
    expect([clock.now(), awake, clock.sleeping]).toEqual([1, true, 0])
  })

  test('wakes sleepers in due order, and those that are due together in the order in which they fell asleep', async () => {
    const clock = new LeapingClock()
    const woken: string[] = []
    const sleeper = async (name: string, length: number) => {
      await clock.sleep(length)
      woken.push(`${name} at ${clock.now()}`)
    }
    void sleeper('c', 30)
    void sleeper('a', 10)
    void sleeper('b', 20)
    void sleeper('second a', 10)
    await clock.advance(100)
    expect(woken).toEqual(['a at 10', 'second a at 10', 'b at 20', 'c at 30'])
    expect(clock.now()).toBe(100)
  })

  test('wakes sleepers that fall asleep again on the way', async () => {
    const clock = new LeapingClock()
    const ticks: number[] = []
    const tick = async () => {
      while (ticks.length < 3600) {
        await clock.sleep(1000)
        ticks.push(clock.now())
      }
    }
    void tick()
    await clock.advance(3_600_000)
    expect(ticks).toHaveLength(3600)
    expect(ticks.at(-1)).toBe(3_600_000)
  })

  test('lets long chains of work settle before it leaps on', async () => {
    const clock = new LeapingClock()
    const seen: number[] = []
    void clock.sleep(10).then(async () => {
      for (let step = 0; step < 500; step++) await Promise.resolve()
      seen.push(clock.now())
    })
    void clock.sleep(11)
    await clock.advance(20)
    expect(seen).toEqual([10])
  })

  test('wakes at once when the signal aborts, and leaves no sleeper and no listener', async () => {
    const clock = new LeapingClock()
    const counted = countingSignal()
    const aborted = clock.sleep(10, counted.signal)
    counted.abort()
    await aborted
    expect([clock.now(), clock.sleeping, counted.listeners()]).toEqual([0, 0, 0])
    const slept = clock.sleep(5, countingSignal().signal)
    await clock.advance(5)
    await slept
  })

  test.each([0, -1])('does not sleep for %d ms', async (length) => {
    await expect(new LeapingClock().sleep(length)).resolves.toBeUndefined()
  })

  test('lets the date go along', async () => {
    const clock = new LeapingClock()
    await clock.advance(90_000)
    expect(clock.date().toISOString()).toBe('2026-01-01T00:01:30.000Z')
  })
})

/** A signal that counts who listens. */
function countingSignal(): {signal: AbortSignal; abort(): void; listeners(): number} {
  const controller = new AbortController()
  const {signal} = controller
  let count = 0
  const add = signal.addEventListener.bind(signal)
  const remove = signal.removeEventListener.bind(signal)
  signal.addEventListener = (...args: Parameters<typeof add>) => {
    count++
    add(...args)
  }
  signal.removeEventListener = (...args: Parameters<typeof remove>) => {
    count--
    remove(...args)
  }
  return {signal, abort: () => controller.abort(), listeners: () => count}
}
