import {describe, expect, test} from 'vitest'
import {LeapingClock} from '../../src/lib/base/clock.js'
import {Course} from '../../src/lib/faults/agent/course.js'
import type {PlannedFault} from '../../src/lib/faults/fault.js'
import {parseFault} from '../../src/lib/faults/grammar.js'
import type {Injector} from '../../src/lib/faults/injector.js'
import {settleFaults} from '../../src/lib/faults/settle.js'

/** A fault on a clock that leaps; the script says what its injector does, and `log` what it was asked. */
function run(text: string, script: Partial<Pick<Injector, 'inject' | 'revert' | 'undoing'>> = {}) {
  const clock = new LeapingClock()
  const stop = new AbortController()
  const log: string[] = []
  const note = (what: string) => log.push(`${what} at ${clock.now()}`)
  const injector: Injector = {
    prepare: () => Promise.resolve({server: 'a server', hits: 'nobody'}),
    inject: async () => {
      note('inject')
      await script.inject?.()
    },
    revert: async () => {
      note('revert')
      await script.revert?.()
    },
    ...(script.undoing ? {undoing: script.undoing} : {}),
    evidence: () => ({}),
    close: () => Promise.resolve(),
  }
  const [fault] = settleFaults([parseFault(text)], {durationMs: 60_000, allowSticky: true}) as [PlannedFault]
  const course = new Course(fault, injector, {
    clock,
    injecting: (undoing) => note(`journal ${JSON.stringify(undoing)}`),
    injected: () => note('injected'),
    changed: () => undefined,
  })
  const done = course.run(0, stop.signal)
  return {clock, stop, log, course, done}
}

const never = () => new Promise<void>(() => undefined)

/** Fails until the clock shows `end`. */
function awayUntil(end: number, now: () => number): () => Promise<void> {
  return () => (now() < end ? Promise.reject(new Error('ECONNREFUSED')) : Promise.resolve())
}

describe('the course of a fault', () => {
  test('is written down, injected and put back, each in its time', async () => {
    const undoing = () => Promise.resolve({had: 10_000})
    const {clock, log, course, done} = run('redis.max-clients at 5s for 3s', {undoing})
    await clock.advance(20_000)
    await done
    expect(log).toEqual(['journal {"had":10000} at 5000', 'inject at 5000', 'injected at 5000', 'revert at 8000'])
    expect(course.record).toMatchObject({outcome: 'reverted', injectedAtMs: 5000, revertedAtMs: 8000})
  })

  test('that is over at once is put back at once, which harms nobody', async () => {
    const {clock, log, course} = run('redis.kill at 5s')
    await clock.advance(20_000)
    expect(log.slice(1)).toEqual(['inject at 5000', 'injected at 5000', 'revert at 5000'])
    expect(course.record).toMatchObject({outcome: 'reverted', revertedAtMs: 5000})
  })

  test('never begins once everything must end', async () => {
    const {clock, stop, log, course, done} = run('redis.disconnect at 5s for 3s')
    await clock.advance(1000)
    stop.abort()
    await done
    expect(log).toEqual([])
    expect(course.record).toMatchObject({outcome: 'not injected', trouble: 'the run ended before'})
  })

  test('ends before its time when everything must end', async () => {
    const {clock, stop, course} = run('redis.disconnect at 5s for 3s')
    await clock.advance(6000)
    stop.abort()
    await clock.advance(0)
    expect(course.record).toMatchObject({outcome: 'reverted', revertedAtMs: 6000})
  })

  test('is put back when it could not be injected, as it may have been half done', async () => {
    const {clock, log, course} = run('redis.disconnect at 5s for 3s', {
      inject: () => Promise.reject(new Error('READONLY')),
    })
    await clock.advance(20_000)
    expect(log.slice(1)).toEqual(['inject at 5000', 'revert at 5000'])
    expect(course.record).toMatchObject({outcome: 'not injected', trouble: 'READONLY'})
  })

  test('is not begun when it cannot be written down how to undo it', async () => {
    const undoing = () => Promise.reject(new Error('no space left on device'))
    const {clock, log, course} = run('redis.max-clients at 5s for 3s', {undoing})
    await clock.advance(20_000)
    expect(log).toEqual([])
    expect(course.record).toMatchObject({outcome: 'not injected', trouble: 'no space left on device'})
  })

  test('whose injection hangs is put back soon after its end', async () => {
    const {clock, course} = run('redis.disconnect at 5s for 3s', {inject: never})
    await clock.advance(20_000)
    expect(course.record).toMatchObject({outcome: 'not injected', trouble: 'it took too long'})
  })

  test('is put back on a server that went away and comes back', async () => {
    const now = {ms: () => 0}
    const {clock, course} = run('redis.max-clients at 5s for 3s', {revert: () => awayUntil(12_000, () => now.ms())()})
    now.ms = () => clock.now()
    await clock.advance(30_000)
    const {outcome, revertedAtMs = 0} = course.record
    expect(outcome).toBe('reverted')
    expect(revertedAtMs).toBeGreaterThanOrEqual(12_000)
    expect(revertedAtMs).toBeLessThan(13_000)
  })

  test('is given up after ten seconds, and tried once more at the end of the run', async () => {
    const now = {ms: () => 0}
    const {clock, course} = run('redis.max-clients at 5s for 3s', {revert: () => awayUntil(30_000, () => now.ms())()})
    now.ms = () => clock.now()
    await clock.advance(25_000)
    expect(course.record).toMatchObject({outcome: 'not reverted', trouble: 'ECONNREFUSED'})
    await clock.advance(10_000)
    await course.revert()
    expect(course.record).toMatchObject({outcome: 'reverted'})
    expect(course.record).not.toHaveProperty('trouble')
  })

  test('is not held up by a revert that hangs', async () => {
    const {clock, course} = run('redis.disconnect at 5s for 3s', {revert: never})
    await clock.advance(60_000)
    expect(course.record).toMatchObject({outcome: 'not reverted', trouble: 'no answer in time'})
  })
})
