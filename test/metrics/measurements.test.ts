import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {Histogram} from '../../src/lib/metrics/histogram.js'
import {Measurements} from '../../src/lib/metrics/measurements.js'
import type {Pulse, PulseEntry} from '../../src/lib/metrics/pulse.js'
import {Tally} from '../../src/lib/metrics/tally.js'

interface Told {
  readonly worker: number
  readonly pulse: Pulse
}

function counter(metric: string, value: number, {phase = 'steady', tags = {}} = {}): PulseEntry {
  return {type: 'counter', metric, tags, phase, value}
}

function distribution(metric: string, values: readonly number[], {phase = 'steady', tags = {}} = {}): PulseEntry {
  const histogram = new Histogram()
  for (const value of values) histogram.record(value)
  return {type: 'distribution', metric, tags, phase, encoded: histogram.encode()}
}

function gauge(metric: string, value: number, {phase = 'steady', tags = {}} = {}): PulseEntry {
  return {type: 'gauge', metric, tags, phase, value}
}

function merged(told: readonly Told[]): Measurements {
  const measurements = new Measurements()
  for (const {worker, pulse} of told) measurements.merge(worker, pulse)
  return measurements
}

const phase = fc.constantFrom('ramp', 'steady', 'drain')
const tags = fc.constantFrom<Record<string, string>[]>({}, {node: '1'}, {node: '2'}, {node: '1', reason: 'x'})
const entry = fc.oneof(
  fc.tuple(fc.nat({max: 1000}), fc.record({phase, tags})).map(([value, where]) => counter('sent', value, where)),
  fc
    .tuple(fc.array(fc.integer({min: 0, max: 10_000}), {minLength: 1, maxLength: 20}), fc.record({phase, tags}))
    .map(([values, where]) => distribution('latency', values, where)),
)
/** At most the three seconds apart that a worker may be late, so that the series does not depend on the order either. */
const pulses = fc.array(
  fc.record({
    worker: fc.nat({max: 3}),
    pulse: fc.record({second: fc.nat({max: 3}), entries: fc.array(entry, {maxLength: 4})}),
  }),
  {maxLength: 12},
)

/** Everything that can be asked of them, independent of the order in which cells came to be. */
function everything(measurements: Measurements) {
  const byPlace = (slices: readonly {phase: string; tags: object}[]) =>
    slices.map((slice) => JSON.stringify(slice)).sort()
  const {count, min, max} = measurements.distribution('latency')
  return {
    total: measurements.total('sent'),
    counters: byPlace(measurements.counterSlices('sent')),
    merged: {count, min, max, buckets: measurements.distribution('latency').toBuckets()},
    distributions: byPlace(
      measurements.distributionSlices('latency').map(({phase, tags, histogram, independent}) => ({
        phase,
        tags: Object.fromEntries(Object.entries(tags).sort()),
        independent,
        buckets: histogram.toBuckets(),
        min: histogram.min,
        max: histogram.max,
      })),
    ),
    series: measurements.series(),
  }
}

describe('pulses of several workers', () => {
  it('give the same figures in whatever order they come', () => {
    const shuffled = pulses.chain((told) =>
      fc.tuple(fc.constant(told), fc.shuffledSubarray(told, {minLength: told.length, maxLength: told.length})),
    )
    fc.assert(
      fc.property(shuffled, ([told, otherOrder]) => {
        expect(everything(merged(otherOrder))).toEqual(everything(merged(told)))
      }),
    )
  })

  it('add up to what was told', () => {
    fc.assert(
      fc.property(pulses, (told) => {
        const entries = told.flatMap(({pulse}) => pulse.entries)
        const measurements = merged(told)
        const sent = entries.reduce((sum, one) => sum + (one.type === 'counter' ? one.value : 0), 0)
        const samples = entries.reduce(
          (sum, one) => sum + (one.type === 'distribution' ? Histogram.decode(one.encoded).count : 0),
          0,
        )
        expect(measurements.total('sent')).toBe(sent)
        expect(measurements.distribution('latency').count).toBe(samples)
      }),
    )
  })

  it('show the same series in total as the slices do', () => {
    fc.assert(
      fc.property(pulses, (told) => {
        const measurements = merged(told)
        const {sent, latency} = measurements.series()
        const sum = (values: readonly number[] = []) => values.reduce((total, value) => total + value, 0)
        if (sent?.type === 'counter') expect(sum(sent.perSecond)).toBe(measurements.total('sent'))
        if (latency?.type === 'distribution') {
          expect(sum(latency.count)).toBe(measurements.distribution('latency').count)
        }
      }),
    )
  })

  it('are what a tally took', () => {
    const tally = new Tally()
    const measurements = new Measurements()
    for (const second of [0, 1, 2]) {
      tally.counter('sent').add('steady', 10)
      tally.distribution('latency').record('steady', second)
      tally.gauge('open').set('steady', second)
      measurements.merge(0, {second, entries: tally.take()})
    }
    expect(measurements.total('sent')).toBe(30)
    expect(measurements.distribution('latency').max).toBe(2)
    expect(measurements.series()).toMatchObject({
      sent: {perSecond: [10, 10, 10]},
      latency: {count: [1, 1, 1], max: [0, 1, 2]},
      open: {value: [0, 1, 2]},
    })
  })
})

describe('a question', () => {
  const measurements = merged([
    {
      worker: 0,
      pulse: {
        second: 0,
        entries: [
          counter('errors', 1, {phase: 'ramp', tags: {reason: 'x', node: '1'}}),
          counter('errors', 2, {phase: 'steady', tags: {reason: 'x', node: '2'}}),
          counter('errors', 4, {phase: 'steady', tags: {reason: 'y', node: '2'}}),
          counter('errors', 8, {phase: 'steady'}),
          distribution('latency', [1, 2], {phase: 'ramp'}),
          distribution('latency', [3], {phase: 'steady', tags: {node: '1'}}),
        ],
      },
    },
  ])

  it.each([
    ['for everything', {}, 15],
    ['for a phase', {phase: 'steady'}, 14],
    ['for a tag', {tags: {reason: 'x'}}, 3],
    ['for two tags', {tags: {reason: 'x', node: '2'}}, 2],
    ['for a tag in a phase', {phase: 'ramp', tags: {reason: 'x'}}, 1],
    ['for a tag that never came', {tags: {reason: 'z'}}, 0],
    ['for a phase that never came', {phase: 'drain'}, 0],
  ])('%s finds its part', (_what, where, total) => {
    expect(measurements.total('errors', where)).toBe(total)
  })

  it('about a distribution finds its part too', () => {
    expect(measurements.distribution('latency').count).toBe(3)
    expect(measurements.distribution('latency', {phase: 'ramp'}).max).toBe(2)
    expect(measurements.distribution('latency', {tags: {node: '1'}}).min).toBe(3)
    expect(measurements.distribution('latency', {phase: 'drain'}).count).toBe(0)
  })

  it('about a metric that nobody told of finds nothing', () => {
    expect(measurements.total('nothing')).toBe(0)
    expect(measurements.counterSlices('nothing')).toEqual([])
    expect(measurements.distributionSlices('nothing')).toEqual([])
    expect(measurements.gaugeSlices('nothing')).toEqual([])
  })

  it('does not change what is merged later', () => {
    const fresh = merged([{worker: 0, pulse: {second: 0, entries: [distribution('latency', [1])]}}])
    fresh.distribution('latency').record(99)
    expect(fresh.distribution('latency').max).toBe(1)
  })
})

describe('samples stand for themselves', () => {
  const told = [{worker: 0, pulse: {second: 0, entries: [distribution('latency', [1, 2, 3])]}}]

  it.each([
    ['all of them, unless something else is said', undefined, 3],
    ['as many as is said for their phase', (phase: string) => (phase === 'steady' ? 2 : 0), 2],
    ['never more than there are', () => 50, 3],
  ])('%s', (_what, independent, expected) => {
    expect(merged(told).distributionSlices('latency', independent)[0]?.independent).toBe(expected)
  })
})

describe('gauges', () => {
  const measurements = merged([
    {worker: 0, pulse: {second: 0, entries: [gauge('rss', 1, {phase: 'ramp'})]}},
    {worker: 1, pulse: {second: 0, entries: [gauge('rss', 10, {phase: 'ramp'})]}},
    {worker: 0, pulse: {second: 1, entries: [gauge('rss', 2), gauge('rss', 100, {tags: {node: '1'}})]}},
    {worker: 0, pulse: {second: 2, entries: [gauge('rss', 3)]}},
  ])

  it('stand side by side, with the newest value of each worker in each phase', () => {
    expect(measurements.gaugeSlices('rss')).toEqual([
      {phase: 'ramp', tags: {}, value: 1},
      {phase: 'ramp', tags: {}, value: 10},
      {phase: 'steady', tags: {}, value: 3},
      {phase: 'steady', tags: {node: '1'}, value: 100},
    ])
  })

  it('add up in the series', () => {
    expect(measurements.series()['rss']).toEqual({type: 'gauge', value: [11, 102, 3]})
  })
})
