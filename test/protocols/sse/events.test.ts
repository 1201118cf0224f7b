import fc from 'fast-check'
import {describe, expect, it, test} from 'vitest'
import {carriesData, EventCutter, idOf} from '../../../src/lib/protocols/sse/events.js'

/** What comes of a stream that arrives in these pieces. */
function cut(pieces: readonly string[], atMost = 1000): {events: string[]; small: boolean[]; halfway: boolean} {
  const cutter = new EventCutter(atMost)
  const events: string[] = []
  const small = pieces.map((piece) => cutter.cut(Buffer.from(piece), (event) => events.push(event.toString())))
  return {events, small, halfway: cutter.isHalfway}
}

describe('a stream', () => {
  test.each([
    ['ends events with an empty line', ['data: a\n\ndata: b\n\n'], ['data: a', 'data: b']],
    [
      'may end its lines as Windows does',
      ['data: a\r\ndata: b\r\n\r\ndata: c\r\n\r\n'],
      ['data: a\r\ndata: b', 'data: c'],
    ],
    ['may end its lines as old Macs did', ['data: a\r\rdata: b\r\r'], ['data: a', 'data: b']],
    ['may be cut within an event', ['data: a', 'bc\n\n'], ['data: abc']],
    ['may be cut within the empty line', ['data: a\r\n\r', '\ndata: b\r\n', '\r\n'], ['data: a', 'data: b']],
    ['may hold empty lines for nothing', ['\n\n\n\ndata: a\n\n'], ['data: a']],
    ['gives nothing of an event that is not complete', ['data: a\n'], []],
  ])('%s', (_what, pieces, events) => {
    expect(cut(pieces).events).toEqual(events)
  })

  it('gives the same events wherever it is cut', () => {
    const texts = fc.array(fc.stringMatching(/^[a-z ]{1,12}$/), {maxLength: 6})
    fc.assert(
      fc.property(texts, fc.constantFrom('\n', '\r\n', '\r'), fc.array(fc.nat(60)), (lines, end, cuts) => {
        const stream = lines.map((line) => `data: ${line}${end}${end}`).join('')
        const places = [...new Set(cuts.map((place) => Math.min(place, stream.length)))].sort((a, b) => a - b)
        const pieces = [0, ...places].map((place, index) => stream.slice(place, places[index] ?? stream.length))
        expect(cut(pieces).events).toEqual(lines.map((line) => `data: ${line}`))
      }),
    )
  })

  it('is too large when an event does not end in time', () => {
    expect(cut(['data: a\n\n', 'x'.repeat(8), 'x'.repeat(8)], 10).small).toEqual([true, true, false])
  })

  it('is halfway through an event, or not', () => {
    expect([cut(['data: a']).halfway, cut(['data: a\n\n']).halfway]).toEqual([true, false])
  })
})

describe('an event', () => {
  test.each([
    ['id: 17\ndata: a', '17'],
    ['data: a\r\nid:x-1', 'x-1'],
    ['id: 1\ndata: a\nid: 2', '2'],
    ['data: {"id: 4"}', undefined],
    ['data: a', undefined],
  ])('%j has the id %s', (event, id) => {
    expect(idOf(Buffer.from(event))).toBe(id)
  })

  it('may be a comment alone', () => {
    expect([': hello', 'data: a'].map((event) => carriesData(Buffer.from(event)))).toEqual([false, true])
  })
})
