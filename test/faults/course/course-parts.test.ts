import {describe, expect, it, test} from 'vitest'
import {faultLabels} from '../../../src/lib/faults/course/labels.js'
import {phaseAhead} from '../../../src/lib/faults/course/phases.js'
import {spansOf, type Lived} from '../../../src/lib/faults/course/spans.js'
import {promisesUnderFaults} from '../../../src/lib/faults/course/thresholds.js'
import type {FaultRecord} from '../../../src/lib/faults/fault.js'
import {planned, record} from './fault.js'

test.each([
  ['alone by its name', ['redis.disconnect at 5s for 3s'], ['redis.disconnect']],
  [
    'by name and time when it comes twice',
    ['redis.kill at 5s', 'pg.terminate at 6s', 'redis.kill at 10s'],
    ['redis.kill at 5s', 'pg.terminate', 'redis.kill at 10s'],
  ],
  [
    'by all of its text when that is not enough',
    ['net.latency(proxy=redis,latency=50ms) at 5s for 1s', 'net.latency(proxy=postgres,latency=50ms) at 5s for 1s'],
    ['net.latency(proxy=redis,latency=50ms) at 5s for 1s', 'net.latency(proxy=postgres,latency=50ms) at 5s for 1s'],
  ],
])('a fault is called %s', (_what, texts, labels) => {
  expect(faultLabels(planned(...texts))).toEqual(labels)
})

describe('the phase that is told a little ahead', () => {
  const FAULT = 'redis.disconnect at 5s for 3s'
  test.each<[string, number, Partial<FaultRecord>, boolean, string, number]>([
    ['is steady long before a fault', 3000, {}, false, 'steady', 3000],
    ['is fault from a little before its time, for what is on its way then', 4850, {}, false, 'fault', 4800],
    ['is fault while one is in force', 6000, {outcome: 'active'}, false, 'fault', 4800],
    ['is fault while one could not be put back', 9000, {outcome: 'not reverted'}, false, 'fault', 4800],
    ['is recovery once it is put right', 8000, {outcome: 'reverted'}, true, 'recovery', 8000],
    ['is steady again when that is over', 12_000, {outcome: 'reverted'}, false, 'steady', 12_000],
    ['is steady when the fault never came', 6000, {outcome: 'not injected'}, false, 'steady', 6000],
  ])('%s', (_what, aheadMs, changes, recovering, phase, startMs) => {
    const records = [record(FAULT, changes)]
    expect(phaseAhead({records, recovering, steadyAtMs: 0, aheadMs})).toEqual({phase, startMs})
  })
})

describe('with faults a drill promises', () => {
  const promises = ['p99(latency) < 100ms', 'lost == 0', 'duplicated == 0', 'cut == 0', 'lost == 0 during fault']
  const under = (delivery: 'at-most-once' | 'exactly-once', ...faults: string[]) =>
    promisesUnderFaults(promises, {faults: planned(...faults), delivery, lost: 'lost', disturbed: ['cut']})
  const RECOVERY = 'fault_time_to_recovery{fault=*} <= 30s'

  it('what it promises without them, when there are none', () => {
    expect(under('at-most-once')).toEqual(promises)
  })

  it('that nothing is lost, and recovery, where every message is to be delivered', () => {
    expect(under('exactly-once', 'redis.disconnect at 1s for 1s')).toEqual([...promises, RECOVERY])
  })

  it('only warnings of loss while the fault is to blame, where messages may be lost', () => {
    expect(under('at-most-once', 'redis.disconnect at 1s for 1s')).toEqual([
      'p99(latency) < 100ms',
      'lost == 0 during steady',
      'warn: lost == 0 during fault',
      'warn: lost == 0 during recovery',
      'duplicated == 0',
      'cut == 0',
      'lost == 0 during fault',
      RECOVERY,
    ])
  })

  test.each([
    ['a node', 'node.pause(node=a) at 1s for 1s', 'cut == 0 during steady'],
    ['the link to the target', 'net.down(proxy=target) at 1s for 1s', 'cut == 0 during steady'],
    ['some other link', 'net.down(proxy=edge) at 1s for 1s', 'cut == 0 during steady'],
    ['Redis', 'redis.kill at 1s', 'cut == 0'],
    ['the link to Redis', 'net.down(proxy=redis) at 1s for 1s', 'cut == 0'],
  ])('of users cut off what a fault on %s leaves to promise', (_what, fault, expected) => {
    expect(under('exactly-once', fault)[3]).toBe(expected)
  })
})

describe('the stretches around a fault', () => {
  const frame = {steadyAtMs: 1000, loadEndMs: 30_000, endMs: 33_000}
  const seen = (revertedAtMs: number, atMs: number) => ({state: 'seen', atMs, afterMs: atMs - revertedAtMs}) as const
  const first: Lived = {injectedAtMs: 5000, revertedAtMs: 8000, recovery: seen(8000, 9000)}
  const second: Lived = {injectedAtMs: 15_000, revertedAtMs: 16_000, recovery: undefined}

  it('reach from the start of steady to the end of the load when it is alone', () => {
    expect(spansOf([first], 0, frame)).toEqual({
      before: {fromMs: 1000, toMs: 4800},
      during: {fromMs: 5000, toMs: 8000},
      after: {fromMs: 9000, toMs: 30_000},
      across: {fromMs: 4800, toMs: 9000},
      returning: {fromMs: 5000, toMs: 33_000},
    })
  })

  it('end where the next one begins, and begin where the last one was over', () => {
    expect(spansOf([first, second], 0, frame)).toMatchObject({
      after: {fromMs: 9000, toMs: 15_000},
      returning: {fromMs: 5000, toMs: 15_000},
    })
    expect(spansOf([first, second], 1, frame)).toEqual({
      before: {fromMs: 9000, toMs: 14_800},
      during: {fromMs: 15_000, toMs: 16_000},
      after: undefined,
      across: {fromMs: 14_800, toMs: 30_000},
      returning: {fromMs: 15_000, toMs: 33_000},
    })
  })

  it('are none for a fault that never came', () => {
    expect(spansOf([{injectedAtMs: undefined, revertedAtMs: undefined, recovery: undefined}], 0, frame)).toBeUndefined()
  })
})
