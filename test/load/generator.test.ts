import {describe, expect, it, test} from 'vitest'
import {generatorDoubts, generatorFacts, type GeneratorFacts} from '../../src/lib/load/generator.js'
import {Measurements} from '../../src/lib/metrics/measurements.js'
import type {Phase} from '../../src/lib/metrics/metric.js'
import {Tally} from '../../src/lib/metrics/tally.js'

const PHASES: readonly Phase[] = [
  {name: 'ramp', startMs: 0, endMs: 1000},
  {name: 'steady', startMs: 1000, endMs: 3000},
  {name: 'drain', startMs: 3000, endMs: 9000},
]

/** What one worker felt in one phase. */
interface Felt {
  readonly worker?: number
  readonly phase?: string
  readonly delayMs?: number
  readonly cpuMs?: number
  readonly gcMs?: number
  readonly waitMs?: number
  readonly rss?: number
  readonly startDelayMs?: number
  readonly dropped?: number
}

function measured(...told: Felt[]): Measurements {
  const measurements = new Measurements()
  for (const [second, felt] of told.entries()) {
    const {worker = 0, phase = 'steady'} = felt
    const tags = {worker: String(worker)}
    const tally = new Tally()
    if (felt.delayMs !== undefined) tally.distribution('generator_event_loop_delay', tags).record(phase, felt.delayMs)
    if (felt.cpuMs !== undefined) tally.counter('generator_cpu_time', tags).add(phase, felt.cpuMs)
    if (felt.gcMs !== undefined) tally.counter('generator_gc_time', tags).add(phase, felt.gcMs)
    if (felt.waitMs !== undefined) tally.counter('generator_wait_time', tags).add(phase, felt.waitMs)
    if (felt.rss !== undefined) tally.gauge('generator_rss', tags).set(phase, felt.rss)
    if (felt.startDelayMs !== undefined) tally.distribution('start_delay').record(phase, felt.startDelayMs)
    if (felt.dropped !== undefined) tally.counter('dropped_arrivals').add(phase, felt.dropped)
    measurements.merge(worker, {second, entries: tally.take()})
  }
  return measurements
}

function factsOf(told: readonly Felt[], phases = PHASES): GeneratorFacts {
  return generatorFacts({measurements: measured(...told), phases, workers: 2})
}

const HEALTHY: GeneratorFacts = {
  workers: 2,
  eventLoopDelayP99Ms: 0,
  cpuShare: 0,
  gcShare: 0,
  waitShare: 0,
  startDelayP99Ms: 0,
  droppedArrivals: 0,
  rssBytes: 0,
  healthy: true,
}

describe('our own health is', () => {
  test.each<[string, readonly Felt[], Partial<GeneratorFacts>]>([
    ['fine when nothing was measured', [], {}],
    [
      'that of the worst worker, for event loops',
      [
        {worker: 0, delayMs: 2},
        {worker: 1, delayMs: 20},
      ],
      {eventLoopDelayP99Ms: 20},
    ],
    [
      'that of the busiest worker, for the processor',
      [
        {worker: 0, cpuMs: 100},
        {worker: 1, cpuMs: 500},
        {worker: 1, cpuMs: 500},
      ],
      {cpuShare: 0.5},
    ],
    [
      'that of the busiest worker, for garbage',
      [
        {worker: 0, gcMs: 100},
        {worker: 1, gcMs: 20},
      ],
      {gcShare: 0.05},
    ],
    [
      'that of the worker that waited longest for a processor',
      [
        {worker: 0, waitMs: 100},
        {worker: 1, waitMs: 300},
        {worker: 1, waitMs: 100},
      ],
      {waitShare: 0.2},
    ],
    [
      'that of the steady phase',
      [
        {phase: 'ramp', delayMs: 500, cpuMs: 900, gcMs: 900, waitMs: 900, startDelayMs: 500},
        {phase: 'drain', cpuMs: 9000},
      ],
      {},
    ],
    ['how late we were', [{startDelayMs: 7}], {startDelayP99Ms: 7}],
    ['how much was dropped, in whatever phase', [{dropped: 2}, {phase: 'ramp', dropped: 3}], {droppedArrivals: 5}],
    [
      'the memory of all workers, as each said last',
      [
        {worker: 0, phase: 'ramp', rss: 900},
        {worker: 1, phase: 'ramp', rss: 50},
        {worker: 0, rss: 100},
        {worker: 0, phase: 'drain', rss: 70},
      ],
      {rssBytes: 120},
    ],
  ])('%s', (_what, told, facts) => {
    expect(factsOf(told)).toEqual({...HEALTHY, ...facts})
  })

  it('that of all but the drain, when there was no steady phase', () => {
    const phases = [
      {name: 'ramp', startMs: 0, endMs: 1000},
      {name: 'drain', startMs: 1000, endMs: 2000},
    ]
    const told = [
      {phase: 'ramp', cpuMs: 500, delayMs: 3},
      {phase: 'drain', cpuMs: 900, delayMs: 400},
    ]
    expect(factsOf(told, phases)).toEqual({...HEALTHY, cpuShare: 0.5, eventLoopDelayP99Ms: 3})
  })

  it('that of all steady phases together', () => {
    const phases = [
      ...PHASES.slice(0, 2),
      {name: 'fault', startMs: 3000, endMs: 4000},
      {name: 'steady', startMs: 4000, endMs: 6000},
    ]
    expect(factsOf([{cpuMs: 1000}, {phase: 'fault', cpuMs: 1000}], phases).cpuShare).toBe(0.25)
  })

  it('fine when no phase was reached', () => {
    expect(factsOf([{phase: '', cpuMs: 500, gcMs: 500}], [])).toEqual(HEALTHY)
  })
})

describe('a doubt arises', () => {
  test.each<[string, Felt, string[]]>([
    ['from nothing while timers run 30 ms late', {delayMs: 30}, []],
    ['when timers run later', {delayMs: 31}, ['event-loop-delay']],
    ['from nothing while a worker uses 90 % of a core', {cpuMs: 1800}, []],
    ['when a worker uses more', {cpuMs: 1801}, ['cpu-share']],
    ['from nothing while a tenth is garbage collection', {gcMs: 200}, []],
    ['when more is', {gcMs: 201}, ['garbage-collection']],
    ['from nothing while a worker waits 30 % of the time for a processor', {waitMs: 600}, []],
    ['when it waits longer', {waitMs: 601}, ['processor-wait']],
    ['from nothing while sends start 20 ms late', {startDelayMs: 20}, []],
    ['when they start later', {startDelayMs: 20.1}, ['start-delay']],
    [
      'from each strain for itself',
      {delayMs: 100, cpuMs: 2000, gcMs: 1000, waitMs: 1000, startDelayMs: 100},
      ['event-loop-delay', 'cpu-share', 'garbage-collection', 'processor-wait', 'start-delay'],
    ],
    ['from nothing in dropped arrivals, which are a count of their own', {dropped: 100}, []],
  ])('%s', (_what, felt, names) => {
    const facts = factsOf([felt])
    const doubts = generatorDoubts(facts, [], ['active_closed'])
    expect(doubts.map(({name}) => name)).toEqual(names)
    expect(facts.healthy).toBe(names.length === 0)
    for (const {why, advice, spoils} of doubts) {
      expect(why).toMatch(/\d/)
      expect(advice).not.toBe('')
      expect(spoils).toBe('latency')
    }
  })

  it('for a drill in which only some signs count, from these alone', () => {
    const healthy = (felt: Felt) =>
      generatorFacts({measurements: measured(felt), phases: PHASES, workers: 1, signs: ['processor-wait']}).healthy
    expect(healthy({delayMs: 100, cpuMs: 2000, gcMs: 1000, startDelayMs: 100})).toBe(true)
    expect(healthy({waitMs: 1000})).toBe(false)
  })

  it('when a worker died, and it spoils everything', () => {
    const [doubt, ...others] = generatorDoubts(HEALTHY, [{worker: 3, how: 'killed by SIGKILL'}], [])
    expect(doubt).toMatchObject({name: 'worker-died', spoils: 'all'})
    expect(doubt?.why).toContain('worker 3')
    expect(doubt?.why).toContain('killed by SIGKILL')
    expect(others).toEqual([])
  })

  it('says how bad it is', () => {
    expect(generatorDoubts({...HEALTHY, cpuShare: 0.97, eventLoopDelayP99Ms: 48}, [], []).map(({why}) => why)).toEqual([
      'timers of our own workers ran 48 ms late (p99; trusted up to 30 ms)',
      'our busiest worker used 97 % of a core',
    ])
  })
})
