import {describe, expect, it, test} from 'vitest'
import {Histogram} from '../../src/lib/metrics/histogram.js'
import {keyOf, Tally} from '../../src/lib/metrics/tally.js'

describe('a tally', () => {
  it('tells of each counter what was added since it was last asked, by phase', () => {
    const tally = new Tally()
    const lost = tally.counter('lost')
    lost.add('ramp')
    lost.add('steady', 3)
    lost.add('steady')
    const entry = {type: 'counter', metric: 'lost', tags: {}}
    expect(tally.take()).toEqual([
      {...entry, phase: 'ramp', value: 1},
      {...entry, phase: 'steady', value: 4},
    ])
    expect(tally.take()).toEqual([])
    lost.add('steady', 2)
    expect(tally.take()).toEqual([{...entry, phase: 'steady', value: 2}])
  })

  it('tells of each distribution what was recorded since it was last asked, by phase', () => {
    const tally = new Tally()
    const latency = tally.distribution('latency')
    for (const [phase, value] of [['ramp', 1] as const, ['steady', 2] as const, ['ramp', 3] as const]) {
      latency.record(phase, value)
    }
    const first = tally.take()
    expect(first.map((entry) => entry.type !== 'bins' && entry.phase)).toEqual(['ramp', 'steady'])
    expect(first.map((entry) => entry.type === 'distribution' && maxOf(entry.encoded))).toEqual([3, 2])
    expect(tally.take()).toEqual([])
    latency.record('steady', 7)
    expect(tally.take().map((entry) => entry.type === 'distribution' && maxOf(entry.encoded))).toEqual([7])
  })

  it('tells of each gauge what stands, every time', () => {
    const tally = new Tally()
    const open = tally.gauge('open')
    expect(tally.take()).toEqual([])
    open.set('ramp', 1)
    open.set('ramp', 2)
    const entry = {type: 'gauge', metric: 'open', tags: {}, phase: 'ramp', value: 2}
    expect(tally.take()).toEqual([entry])
    expect(tally.take()).toEqual([entry])
  })

  it('yields the same handle for the same metric and tags, however they are ordered', () => {
    const tally = new Tally()
    expect(tally.counter('errors', {reason: 'x', node: '1'})).toBe(tally.counter('errors', {node: '1', reason: 'x'}))
    expect(tally.distribution('latency')).toBe(tally.distribution('latency'))
    expect(tally.gauge('open', {node: '1'})).toBe(tally.gauge('open', {node: '1'}))
  })

  it('keeps tags apart, and the kinds of metric too', () => {
    const tally = new Tally()
    tally.counter('errors', {reason: 'x'}).add('steady')
    tally.counter('errors', {reason: 'y'}).add('steady', 2)
    tally.gauge('errors').set('steady', 9)
    expect(tally.take()).toEqual([
      {type: 'counter', metric: 'errors', tags: {reason: 'x'}, phase: 'steady', value: 1},
      {type: 'counter', metric: 'errors', tags: {reason: 'y'}, phase: 'steady', value: 2},
      {type: 'gauge', metric: 'errors', tags: {}, phase: 'steady', value: 9},
    ])
  })
})

describe('a key', () => {
  test.each([
    ['a metric without tags', {}, 'errors'],
    ['one tag', {reason: 'x'}, 'errors{reason=x}'],
    ['tags in the order of their names', {reason: 'x', node: '1'}, 'errors{node=1,reason=x}'],
  ])('names %s', (_what, tags, key) => {
    expect(keyOf('errors', tags)).toBe(key)
  })
})

function maxOf(encoded: string): number | undefined {
  return Histogram.decode(encoded).max
}
