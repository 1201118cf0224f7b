import fc from 'fast-check'
import {describe, expect, it, test} from 'vitest'
import {Timeline} from '../../src/lib/metrics/timeline.js'

function threePhases(): Timeline {
  const timeline = new Timeline()
  timeline.begin('ramp', 1000)
  timeline.begin('steady', 2000)
  timeline.begin('drain', 5000)
  return timeline
}

describe('a moment belongs to', () => {
  test.each([
    ['the first phase, before it began', 0, 'ramp'],
    ['a phase from its very start', 1000, 'ramp'],
    ['a phase until the next one starts', 1999.999, 'ramp'],
    ['the next phase from the border on', 2000, 'steady'],
    ['a phase in its midst', 4000, 'steady'],
    ['the last phase, without an end', 1e9, 'drain'],
  ])('%s', (_what, at, name) => {
    expect(threePhases().at(at)).toBe(name)
  })

  test('the same phase, in whatever order one asks', () => {
    const nameAt = (at: number) => (at < 2000 ? 'ramp' : at < 5000 ? 'steady' : 'drain')
    fc.assert(
      fc.property(fc.array(fc.integer({min: 0, max: 7000})), (moments) => {
        const timeline = threePhases()
        expect(moments.map((at) => timeline.at(at))).toEqual(moments.map(nameAt))
      }),
    )
  })

  test('no phase while there is none', () => {
    expect(new Timeline().at(5)).toBe('')
  })

  test('a phase that was added after the moment was asked for', () => {
    const timeline = new Timeline()
    timeline.begin('ramp', 0)
    expect(timeline.at(3000)).toBe('ramp')
    timeline.begin('steady', 2000)
    expect(timeline.at(3000)).toBe('steady')
    expect(timeline.at(1999)).toBe('ramp')
  })

  test('the later of two phases that begin at the same time', () => {
    const timeline = new Timeline()
    timeline.begin('ramp', 0)
    timeline.begin('steady', 2000)
    timeline.begin('drain', 2000)
    expect(timeline.at(2000)).toBe('drain')
    expect(timeline.at(1999)).toBe('ramp')
  })
})

describe('the phases', () => {
  it('of no length are told only when there is no other of their name', () => {
    const timeline = new Timeline()
    timeline.begin('steady', 0)
    timeline.begin('fault', 0)
    timeline.begin('recovery', 3000)
    timeline.begin('steady', 3000)
    timeline.begin('drain', 5000)
    expect(timeline.phases(0, 6000).map(({name, startMs}) => [name, startMs])).toEqual([
      ['fault', 0],
      ['recovery', 3000],
      ['steady', 3000],
      ['drain', 5000],
    ])
    expect(timeline.newestMs).toBe(5000)
  })

  it('follow each other without a gap, counted from the start of the run', () => {
    expect(threePhases().phases(900, 6000)).toEqual([
      {name: 'ramp', startMs: 100, endMs: 1100},
      {name: 'steady', startMs: 1100, endMs: 4100},
      {name: 'drain', startMs: 4100, endMs: 5100},
    ])
  })

  it('are none while none began', () => {
    expect(new Timeline().phases(0, 1000)).toEqual([])
  })

  it('never go back', () => {
    const timeline = threePhases()
    expect(() => timeline.begin('recovery', 4999)).toThrow(RangeError)
    expect(timeline.phases(0, 6000)).toHaveLength(3)
  })
})
