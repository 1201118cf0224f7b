import {describe, expect, it, test} from 'vitest'
import {accountForFaults, type Followed} from '../../../src/lib/faults/course/account.js'
import {faultMeasurements, faultMetrics} from '../../../src/lib/faults/course/metrics.js'
import {momentsOf, type Moment} from '../../../src/lib/faults/course/moments.js'
import {secondLine, stretchOf} from '../../../src/lib/faults/course/stretches.js'
import {Cells} from '../../../src/lib/metrics/cells.js'
import {Histogram} from '../../../src/lib/metrics/histogram.js'
import {Measurements} from '../../../src/lib/metrics/measurements.js'
import {Tally} from '../../../src/lib/metrics/tally.js'
import {judge} from '../../../src/lib/verdict/judge.js'
import {parseThreshold} from '../../../src/lib/verdict/threshold-parser.js'
import {record} from './fault.js'

const STARTED = 1_000_000
const FAULT = 'redis.disconnect at 2s for 3s'
const SIGNS = {successes: 'delivered', latency: 'latency', cutOff: 'cut'}

/** `at` in ms since the run's start. */
function noted(...moments: readonly [what: Moment, at: number, times?: number][]): Measurements {
  const tally = new Tally()
  const note = momentsOf({tally, startedAtMs: STARTED})
  for (const [what, at, times] of moments) note(what, STARTED + at, times)
  const measurements = new Measurements()
  measurements.merge(0, {second: 0, entries: tally.take()})
  return measurements
}

/** Ten seconds of 100 deliveries, of which 3 to 5 have none. */
function lines() {
  return Array.from({length: 10}, (_, second) => {
    const cells = new Cells()
    const silent = second >= 3 && second < 6
    cells.count({metric: 'delivered', tags: {}, phase: ''}, silent ? 0 : 100)
    cells.count({metric: 'cut', tags: {}, phase: ''}, second === 3 ? 4 : 0)
    const latency = new Histogram()
    if (!silent) latency.record(10 + second)
    cells.record({metric: 'latency', tags: {}, phase: ''}, latency)
    return secondLine(second * 1000, cells, SIGNS)
  })
}

function followed(changes: Partial<Followed> = {}): Followed {
  return {
    records: [
      record(FAULT, {
        outcome: 'reverted',
        injectedAtMs: STARTED + 3000,
        revertedAtMs: STARTED + 6000,
        evidence: {kills: 7},
      }),
    ],
    recoveries: [{state: 'seen', atMs: 7000, afterMs: 1000}],
    lines: lines(),
    startedAtMs: STARTED,
    steadyAtMs: 1000,
    loadEndMs: 10_000,
    endMs: 12_000,
    ...changes,
  }
}

describe('the account of a fault', () => {
  it('tells how it went before, during and after, and what it cost', () => {
    const measurements = noted(
      ['ok', 1500, 20],
      ['ok', 3050, 1],
      ['unknown', 3450, 6],
      ['failed', 4000, 3],
      ['lost', 3400, 5],
      ['recovered', 3400, 2],
      ['duplicated', 6500, 4],
      ['cut', 3200, 4],
      ['attempts', 3300, 3],
      ['attempts', 3900, 2],
      ['attempts', 8000, 1],
      ['back', 3800, 2],
      ['back', 6100, 2],
      ['ok', 8000, 30],
      ['lost', 9000, 1],
    )
    const [fault] = accountForFaults(followed(), measurements)
    expect(fault).toEqual({
      label: 'redis.disconnect',
      name: 'redis.disconnect',
      text: FAULT,
      injectedAtMs: 3000,
      revertedAtMs: 6000,
      outcome: 'reverted',
      evidence: {kills: 7},
      recovery: {state: 'seen', atMs: 7000, afterMs: 1000},
      effect: {
        firstErrorMs: 200,
        outcomes: {ok: 1, failed: 3, unknown: 6},
        lost: 5,
        recovered: 2,
        duplicated: 4,
        returning: {
          cutOff: 4,
          attemptPeak100Ms: 3,
          attemptPeak1s: 5,
          back50Ms: 700,
          back95Ms: 3000,
          back100Ms: 3000,
        },
        before: {
          seconds: 1,
          successesPerSecond: 100,
          latencyP99Ms: expect.closeTo(11, 0) as number,
          cutOff: 0,
          lost: 0,
          outcomes: {ok: 20, failed: 0, unknown: 0},
        },
        during: {
          seconds: 3,
          successesPerSecond: 0,
          latencyP99Ms: null,
          cutOff: 4,
          lost: 5,
          outcomes: {ok: 1, failed: 3, unknown: 6},
        },
        after: {
          seconds: 3,
          successesPerSecond: 100,
          latencyP99Ms: expect.closeTo(19, 0) as number,
          cutOff: 0,
          lost: 1,
          outcomes: {ok: 30, failed: 0, unknown: 0},
        },
      },
    })
  })

  it('says of one that never came only why', () => {
    const records = [record(FAULT, {outcome: 'not injected', trouble: 'refused'})]
    const [fault] = accountForFaults(followed({records, recoveries: [undefined]}), noted())
    expect(fault).toMatchObject({injectedAtMs: null, recovery: null, effect: null, trouble: 'refused'})
  })
})

test.each<[string, Partial<Followed>, string, string, string | undefined]>([
  ['a fault that recovered in time passes', {}, 'fault_time_to_recovery{fault=*} <= 30s', 'pass', undefined],
  [
    'one that took too long fails',
    {recoveries: [{state: 'seen', atMs: 47_000, afterMs: 41_000}]},
    'fault_time_to_recovery{fault=*} <= 30s',
    'fail',
    '41 s breaks <= 30 s',
  ],
  [
    'one that was watched too long without recovering fails',
    {recoveries: [{state: 'unseen', why: 'not seen', atLeastMs: 33_000}]},
    'fault_time_to_recovery{fault=*} <= 30s',
    'fail',
    '33 s breaks <= 30 s',
  ],
  [
    'one that was not watched long enough is inconclusive',
    {recoveries: [{state: 'unseen', why: 'not seen to recover: run longer', atLeastMs: 2000}]},
    'fault_time_to_recovery <= 30s',
    'inconclusive',
    'redis.disconnect was not seen to recover: run longer',
  ],
  [
    'one that was not put right is inconclusive, with its trouble',
    {
      records: [record(FAULT, {outcome: 'not reverted', injectedAtMs: STARTED + 3000, trouble: 'no answer'})],
      recoveries: [undefined],
    },
    'fault_time_to_recovery{fault=redis.disconnect} <= 30s',
    'inconclusive',
    'redis.disconnect was not reverted: no answer',
  ],
  [
    'one that never came is inconclusive',
    {records: [record(FAULT, {outcome: 'not injected', trouble: 'refused'})], recoveries: [undefined]},
    'fault_time_to_recovery{fault=*} <= 30s',
    'inconclusive',
    'redis.disconnect was not injected: refused',
  ],
  ['availability is what certainly succeeded', {}, 'fault_availability >= 99%', 'fail', undefined],
  ['and at most what stayed open too', {}, 'fault_availability_at_most >= 50%', 'pass', undefined],
  ['nobody cut off makes no time', {}, 'reconnected_95 < 5s', 'inconclusive', 'redis.disconnect: nobody was cut off'],
])('%s', (_what, changes, rule, verdict, why) => {
  const measurements = noted(['ok', 3050, 60], ['unknown', 3450, 20], ['failed', 4000, 1])
  const metrics = faultMeasurements(accountForFaults(followed(changes), measurements))
  const [finding] = judge([parseThreshold(rule)], {metrics, doubts: []}, [])
  expect(finding).toMatchObject({verdict, ...(why === undefined ? {} : {why: expect.stringContaining(why) as string})})
})

test('a run without faults has no metric of them, one with faults has all', () => {
  expect(faultMeasurements([])).toEqual({})
  expect(Object.keys(faultMeasurements(accountForFaults(followed(), noted())))).toEqual(Object.keys(faultMetrics))
})

describe('a stretch', () => {
  it('is made of the seconds that lie wholly in it, or of those of which it holds the middle', () => {
    const span = {fromMs: 2400, toMs: 4600}
    expect(stretchOf(lines(), span)?.seconds).toBe(1)
    expect(stretchOf(lines(), span, 'middle')?.seconds).toBe(3)
  })

  it('of less than a second has the second in which it begins', () => {
    expect(stretchOf(lines(), {fromMs: 2100, toMs: 2200})).toBeNull()
    expect(stretchOf(lines(), {fromMs: 2100, toMs: 2200}, 'middle')).toMatchObject({seconds: 1})
  })
})
