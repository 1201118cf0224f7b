import {describe, expect, it, test} from 'vitest'
import {UsageError} from '../../../src/lib/base/errors.js'
import {heldIn, steadyRules} from '../../../src/lib/faults/course/rules.js'
import {readStopWhen, stoppedBy} from '../../../src/lib/faults/course/stop-when.js'
import {Cells} from '../../../src/lib/metrics/cells.js'
import {Histogram} from '../../../src/lib/metrics/histogram.js'
import type {MetricCatalogue} from '../../../src/lib/metrics/metric.js'
import {parseThreshold} from '../../../src/lib/verdict/threshold-parser.js'

const catalogue: MetricCatalogue = {
  sent: {type: 'counter', unit: 'count', meaning: 'sent', judged: 'run'},
  errors: {type: 'counter', unit: 'count', meaning: 'errors', judged: 'run', tags: ['reason']},
  latency: {type: 'distribution', unit: 'ms', meaning: 'latency'},
  connecting: {type: 'distribution', unit: 'ms', meaning: 'connecting', judged: 'run'},
  memory: {type: 'gauge', unit: 'bytes', meaning: 'memory', tags: ['worker']},
  lost: {type: 'counter', unit: 'count', meaning: 'lost', known: 'end'},
  share: {type: 'share', unit: 'share', meaning: 'share'},
}
const PHASES = ['ramp', 'steady', 'fault', 'recovery', 'drain']

function cells({phase = 'steady', sent = 0, resets = 0, latency = [] as number[], memory = [] as number[]}): Cells {
  const figures = new Cells()
  figures.count({metric: 'sent', tags: {}, phase}, sent)
  if (resets > 0) figures.count({metric: 'errors', tags: {reason: 'ECONNRESET'}, phase}, resets)
  const histogram = new Histogram()
  for (const value of latency) histogram.record(value)
  if (latency.length > 0) figures.record({metric: 'latency', tags: {}, phase}, histogram)
  for (const [worker, value] of memory.entries())
    figures.gauge(worker, {metric: 'memory', tags: {worker: String(worker)}, phase}, value)
  return figures
}

const live = {
  total: cells({sent: 1000, resets: 12, latency: [1, 2, 900]}),
  second: cells({sent: 50, resets: 3, latency: [10, 20, 300], memory: [100, 300]}),
  atMs: 7000,
  phases: ['steady'],
}

describe('a run is stopped', () => {
  test.each<[string, string, string[], number | undefined]>([
    ['by what was counted so far', 'errors > 10', ['steady'], 12],
    ['not by what was counted so far, while it is less', 'errors > 20', ['steady'], undefined],
    ['by the count of one tag', 'errors{reason=ECONNRESET} >= 12', ['steady'], 12],
    ['not by the count of a tag that never came', 'errors{reason=other} > 0', ['steady'], undefined],
    ['by any tag', 'errors{reason=*} > 10', ['steady'], 12],
    ['by the rate of the last second', 'rate(sent) < 60/s', ['steady'], 50],
    ['by a low rate in the midst of a fault', 'rate(sent) < 60/s', ['fault', 'recovery'], 50],
    ['not by a low rate in the second in which the load begins', 'rate(sent) < 60/s', ['ramp', 'steady'], undefined],
    ['not by a low rate before any phase', 'rate(sent) < 60/s', [], undefined],
    ['by a high rate whenever', 'rate(errors) > 2/s', ['ramp', 'steady'], 3],
    ['by a low rate of one phase', 'rate(sent) < 60/s during steady', ['steady'], 50],
    [
      'not by a low rate of a phase that only begins',
      'rate(sent) < 60/s during steady',
      ['steady', 'fault'],
      undefined,
    ],
    ['by latency of the last second', 'max(latency) > 200ms', ['steady'], 300],
    ['not by latency of an earlier second', 'max(latency) > 500ms', ['steady'], undefined],
    ['not by a metric without samples', 'p99(connecting) > 1ms', ['steady'], undefined],
    ['not by another phase', 'max(latency) > 200ms during fault', ['steady'], undefined],
    ['by the newest value of any worker', 'max(memory) > 200B', ['steady'], 300],
  ])('%s', (_what, text, phases, observed) => {
    const condition = readStopWhen(text, catalogue, PHASES)
    const stopped = stoppedBy([condition], {...live, phases}, catalogue)
    expect(stopped?.observed).toBe(observed)
    if (stopped) expect(stopped).toMatchObject({condition: expect.stringContaining('') as string, atMs: 7000})
  })

  it('by the first condition that is true', () => {
    const conditions = ['errors > 100', 'rate(sent) < 60/s', 'errors > 0'].map((text) =>
      readStopWhen(text, catalogue, PHASES),
    )
    expect(stoppedBy(conditions, live, catalogue)).toEqual({
      condition: 'rate(sent) < 60/s',
      observed: 50,
      unit: 'perSecond',
      atMs: 7000,
    })
  })
})

test.each([
  ['an unknown metric', 'errorss > 1', "did you mean 'errors'?"],
  ['an unknown phase', 'errors > 1 during stedy', "did you mean 'steady'?"],
  ['what is only known at the end', 'lost > 1', "'lost' is only known when the run is over"],
  ['a share', 'share > 1%', "'share' is only known when the run is over"],
  ['a warning', 'warn: errors > 1', "'warn:' makes no sense here"],
  ['bad grammar', 'errors', 'expected one of'],
])('%s cannot stop a run', (_what, text, why) => {
  expect(() => readStopWhen(text, catalogue, PHASES)).toThrow(UsageError)
  expect(() => readStopWhen(text, catalogue, PHASES)).toThrow(why)
})

describe('a second of a recovery', () => {
  const rulesOf = (...texts: string[]) => steadyRules(texts.map(parseThreshold), catalogue)

  it('is held to what judges steady and can be seen in a second', () => {
    const texts = [
      'p99(latency) < 100ms',
      'warn: p50(latency) < 1ms',
      'p99(latency) < 1s during recovery',
      'p99(connecting) < 1s',
      'errors == 0',
      'errors == 0 during steady',
      'sent >= 1000 during steady',
      'rate(sent) >= 10/s',
      'lost == 0 during steady',
      'count(latency) >= 100',
      'share < 1%',
    ]
    expect(rulesOf(...texts)).toEqual(
      ['p99(latency) < 100ms', 'errors == 0 during steady', 'rate(sent) >= 10/s'].map(parseThreshold),
    )
  })

  test.each<[string, Parameters<typeof cells>[0], boolean]>([
    ['holds when all is well, whatever phase it belongs to', {phase: 'recovery', sent: 50, latency: [10]}, true],
    ['does not hold when it is slow', {sent: 50, latency: [150]}, false],
    ['does not hold when there was an error', {sent: 50, resets: 1, latency: [10]}, false],
    ['does not hold when the rate is low', {sent: 5, latency: [10]}, false],
    ['is not broken by what has no samples', {sent: 50}, true],
  ])('%s', (_what, told, held) => {
    const rules = rulesOf('p99(latency) < 100ms', 'errors == 0 during steady', 'rate(sent) >= 10/s')
    expect(heldIn(cells(told), rules, catalogue)).toBe(held)
  })
})
