/** The watching itself, on a leaping clock: once a second, never twice at once, and nothing that fails ends it. */
import {describe, expect, test} from 'vitest'
import {LeapingClock} from '../../src/lib/base/clock.js'
import {TargetError} from '../../src/lib/base/errors.js'
import {judge} from '../../src/lib/verdict/judge.js'
import {checkThreshold} from '../../src/lib/verdict/threshold-check.js'
import {parseThreshold} from '../../src/lib/verdict/threshold-parser.js'
import type {WatchFacts} from '../../src/lib/watch/facts.js'
import {resourceSeries, watchMeasurements, watchMetrics, watchSeries} from '../../src/lib/watch/metrics.js'
import type {Sample} from '../../src/lib/watch/resource.js'
import {watchSummary} from '../../src/lib/watch/summary.js'
import {watchThresholds} from '../../src/lib/watch/thresholds.js'
import {startWatch} from '../../src/lib/watch/watch.js'

type Script = (look: number) => Sample | Promise<Sample>

const SPEC = {kind: 'process', name: 'chat', pid: 7} as const

function stage(scripts: Readonly<Record<string, Script>>) {
  const clock = new LeapingClock()
  const abort = new AbortController()
  const closed: string[] = []
  const kit = {
    clock,
    signal: abort.signal,
    certificates: {insecure: false},
    open: ({name}: {readonly name: string}) => {
      let look = 0
      return {
        name,
        sample: async () => await (scripts[name]?.(look++) ?? {}),
        close: () => {
          closed.push(name)
          return Promise.resolve()
        },
      }
    },
  }
  const specs = Object.keys(scripts).map((name) => ({...SPEC, name}))
  return {clock, abort, closed, start: () => startWatch(specs, kit)}
}

const never = () => new Promise<Sample>(() => undefined)

describe('looks', () => {
  test('come once a second, one figure for each second of the run', async () => {
    const {clock, closed, start} = stage({a: (look) => ({cpu: look / 10}), b: () => ({active: 3})})
    const watch = await start()
    await clock.advance(2000)
    const origin = clock.now()
    await clock.advance(3000)
    const {systems} = await watch.stop(origin)
    expect(systems).toMatchObject([
      {name: 'a', kind: 'process', place: 'process 7', looks: 6, skipped: 0, failures: []},
      {name: 'b', resources: {active: {unit: 'count', values: [3, 3, 3]}}},
    ])
    expect(systems[0]?.resources).toEqual({cpu: {unit: 'share', values: [0.2, 0.3, 0.4]}})
    expect(closed).toEqual(['a', 'b'])
  })

  test('are left out while one is not answered, and counted; its figure belongs to the second in which it was asked', async () => {
    let answer: (sample: Sample) => void = () => undefined
    const slow = new Promise<Sample>((resolve) => (answer = resolve))
    const {clock, start} = stage({a: (look) => (look === 2 ? slow : {cpu: look})})
    const watch = await start()
    await clock.advance(4000)
    answer({cpu: 2})
    await clock.advance(1000)
    const {systems} = await watch.stop(0)
    expect(systems).toMatchObject([{looks: 4, skipped: 2, resources: {cpu: {values: [0, 1, 2, null, null]}}}])
    await watch[Symbol.asyncDispose]()
  })

  test('of one system do not wait for another one', async () => {
    const {clock, start} = stage({stuck: (look) => (look === 0 ? {} : never()), quick: (look) => ({cpu: look})})
    const watch = await start()
    await clock.advance(3500)
    const {systems} = await watch.stop(0)
    expect(systems).toMatchObject([
      {looks: 1, skipped: 2},
      {looks: 4, skipped: 0},
    ])
  })

  test('that fail are counted by their reason, and the next one is tried all the same', async () => {
    const {clock, start} = stage({
      a: (look) => {
        if (look === 2 || look === 3) throw new Error('connect ECONNREFUSED redis://:hunter2@h')
        return {cpu: look}
      },
    })
    const watch = await start()
    await clock.advance(4500)
    const {systems} = await watch.stop(1000)
    expect(systems[0]?.failures).toEqual([
      {why: 'connect ECONNREFUSED redis://:***@h', count: 2, firstAtMs: 1000, lastAtMs: 2000},
    ])
    expect(systems[0]?.resources['cpu']?.values).toEqual([1, null, null, 4])
  })

  test('that fail in ever new ways are summed up', async () => {
    const {clock, start} = stage({
      a: (look) => {
        if (look > 0) throw new Error(`reason ${look}`)
        return {}
      },
    })
    const watch = await start()
    await clock.advance(30_500)
    const [system] = (await watch.stop(0)).systems
    expect(system?.failures).toHaveLength(11)
    expect(system?.failures.at(-1)).toMatchObject({why: 'other reasons', count: 20})
  })

  test('end with the signal; what was seen is brought home', async () => {
    const {clock, abort, start} = stage({a: (look) => ({cpu: look})})
    const watch = await start()
    await clock.advance(1500)
    abort.abort()
    await clock.advance(5000)
    expect((await watch.stop(0)).systems).toMatchObject([{looks: 2}])
    expect(clock.sleeping).toBe(0)
  })
})

describe('the first look', () => {
  test('that fails refuses the run, and leaves nothing open', async () => {
    const {closed, clock, start} = stage({
      good: () => ({}),
      bad: () => {
        throw new Error('connect ECONNREFUSED 127.0.0.1:1')
      },
    })
    const refused: unknown = await start().catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(TargetError)
    expect(refused).toMatchObject({
      message: '--watch bad: process 7 cannot be watched: connect ECONNREFUSED 127.0.0.1:1',
      hint: 'check that it runs, and its address',
      exitCode: 69,
    })
    expect(closed.sort()).toEqual(['bad', 'good'])
    expect(clock.sleeping).toBe(0)
  })

  test('is not waited for twice: an interrupted start closes what it opened', async () => {
    const {abort, closed, start} = stage({a: () => ({})})
    abort.abort(new Error('interrupted'))
    await expect(start()).rejects.toThrow('interrupted')
    expect(closed).toEqual(['a'])
  })

  test('of nothing is nothing', async () => {
    const watch = await stage({}).start()
    expect(await watch.stop(0)).toEqual({systems: []})
  })
})

describe('what was seen, judged', () => {
  const phases = [
    {name: 'ramp', startMs: 0, endMs: 2000},
    {name: 'steady', startMs: 2000, endMs: 5000},
    {name: 'drain', startMs: 5000, endMs: 6000},
  ]
  const system = (name: string, cpu: readonly (number | null)[], extra = {}) => ({
    name,
    kind: 'process' as const,
    place: 'process 7',
    resources: {
      cpu: {unit: 'share' as const, values: cpu},
      memory: {unit: 'share' as const, values: cpu.map(() => 0.1)},
      ...extra,
    },
    looks: 6,
    skipped: 0,
    failures: [],
  })
  const facts: WatchFacts = {
    systems: [
      system('node-1', [0.99, 0.2, 0.3, 0.9, 0.6, 1]),
      system('node-2', [0.1, 0.1, 0.2, null, 0.4, 0.9], {
        'metric.backlog': {unit: 'count', values: [1, 2, 3, 4, 5, 6]},
      }),
    ],
  }
  const judged = (thresholds: readonly string[], seen = facts) =>
    judge(thresholds.map(parseThreshold), {metrics: watchMeasurements(seen, phases), doubts: []}, phases)

  test('by default: one warning for each system, on its steady seconds', () => {
    expect(judged(watchThresholds([SPEC]))).toMatchObject([
      {threshold: 'max(watched_cpu{of=node-1}) < 70%', observed: 0.9, verdict: 'fail', warn: true},
      {threshold: 'max(watched_cpu{of=node-2}) < 70%', observed: 0.4, verdict: 'pass', warn: true},
      {threshold: 'max(watched_memory{of=node-1}) < 80%', observed: 0.1, verdict: 'pass'},
      {threshold: 'max(watched_memory{of=node-2}) < 80%', observed: 0.1, verdict: 'pass'},
    ])
  })

  test.each([
    ['mean(watched_cpu{of=node-1}) < 70%', 0.6],
    ['min(watched_cpu{of=node-2}) >= 10%', 0.2],
    ['max(watched_cpu) < 100%', 0.9],
    ['max(watched_cpu{of=node-1}) <= 100% during ramp', 0.99],
    ['max(watched_metric{metric=backlog,of=node-2}) < 10', 5],
  ])('%s', (threshold, observed) => {
    expect(judged([threshold])[0]?.observed).toBeCloseTo(observed, 9)
    expect(() => checkThreshold(parseThreshold(threshold), watchMetrics, ['ramp', 'steady'])).not.toThrow()
  })

  test('a system that told no figure is not passed over in silence', () => {
    const gone = {
      ...system('node-3', []),
      resources: {},
      failures: [{why: 'it ended', count: 9, firstAtMs: 0, lastAtMs: 8}],
    }
    expect(judged(watchThresholds([SPEC]), {systems: [gone]})).toMatchObject([
      {threshold: 'max(watched_cpu{of=node-3}) < 70%', verdict: 'inconclusive', why: 'node-3 told no cpu: it ended'},
      {verdict: 'inconclusive'},
    ])
  })

  test('a run that watches nothing has no rows, metrics or series', () => {
    expect(watchThresholds([])).toEqual([])
    expect(watchMeasurements({systems: []}, phases)).toEqual({})
    expect(watchSeries({systems: []})).toEqual({})
  })

  test.each([
    ['postgres', ['connections_used']],
    ['redis', ['cpu', 'memory', 'connections_used']],
    ['rabbitmq', ['memory']],
  ] as const)('a %s is warned of what it tells', (kind, resources) =>
    expect(watchThresholds([{kind}]).map((text) => parseThreshold(text).metric)).toEqual(
      resources.map((resource) => `watched_${resource}`),
    ),
  )

  test('hours of seconds are brought down to means, and keep their extremes', () => {
    const values = Array.from({length: 20_000}, (_, second) => (second === 7777 ? 0.99 : second === 8888 ? 0 : 0.5))
    const hours = [{name: 'steady', startMs: 0, endMs: 20_000_000}]
    const {watched_cpu: metric} = watchMeasurements({systems: [system('a', values)]}, hours)
    expect(metric?.slices).toHaveLength(1002)
    const taken = (metric?.type === 'gauge' ? metric.slices : []).map(({value}) => value)
    expect([Math.min(...taken), Math.max(...taken)]).toEqual([0, 0.99])
    expect(taken.reduce((sum, value) => sum + value, 0) / taken.length).toBeCloseTo(0.5, 2)
  })

  test('in short: the extremes and the mean of each phase, and what went wrong', () => {
    const [one, two] = watchSummary(facts, [...phases, {name: 'late', startMs: 9000, endMs: 9500}])
    expect(one).toMatchObject({name: 'node-1', kind: 'process', place: 'process 7', looks: 6, skipped: 0, failures: []})
    expect(one?.resources['cpu']).toEqual({
      unit: 'share',
      byPhase: {
        ramp: {min: 0.2, mean: 0.595, max: 0.99},
        steady: {min: 0.3, mean: expect.closeTo(0.6, 9) as number, max: 0.9},
        drain: {min: 1, mean: 1, max: 1},
      },
    })
    expect(two?.resources['metric.backlog']).toMatchObject({
      unit: 'count',
      byPhase: {steady: {min: 3, mean: 4, max: 5}},
    })
  })

  test('series and resources carry the same figures', () => {
    expect(watchSeries(facts)['watched.node-1.cpu']).toEqual({type: 'gauge', value: [0.99, 0.2, 0.3, 0.9, 0.6, 1]})
    expect(resourceSeries(facts).at(-1)).toEqual({
      of: 'node-2',
      resource: 'backlog',
      unit: 'count',
      values: [1, 2, 3, 4, 5, 6],
    })
  })
})
