import fc from 'fast-check'
import {describe, expect, it, test} from 'vitest'
import {STAMP_CAPACITY, STAMP_LENGTH, StampReader, writeStamp} from '../../src/lib/protocols/stamp.js'

const RUN = 'k3x9a0zz'
const OTHER_RUN = 'k3x9a0zy'

type Found = [publisher: number, sequence: number, due: number]

function read(frame: Buffer | string, run = RUN): {found: Found[]; broken: number; marks: number} {
  const found: Found[] = []
  let broken = 0
  const marks = new StampReader(run).read(Buffer.from(frame), {
    stamp: (publisher, sequence, due) => found.push([publisher, sequence, due]),
    broken: () => broken++,
  })
  return {found, broken, marks}
}

const number = fc.nat({max: STAMP_CAPACITY - 1})
/** Whole microseconds, up to a month. */
const due = fc.nat({max: 2 ** 41}).map((microseconds) => microseconds / 1000)
const stamps = fc.array(fc.tuple(number, number, due), {maxLength: 5})

describe('a stamp', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(number, number, due, (publisher, sequence, dueMs) => {
        const stamp = writeStamp(RUN, publisher, sequence, dueMs)
        expect(stamp).toMatch(/^PLD[0-9a-z]+$/)
        expect(stamp).toHaveLength(STAMP_LENGTH)
        expect(read(stamp)).toEqual({found: [[publisher, sequence, dueMs]], broken: 0, marks: 1})
      }),
    )
  })

  it('keeps a due time to the microsecond, and none before the start', () => {
    expect(read(writeStamp(RUN, 1, 2, 1234.567_89)).found).toEqual([[1, 2, 1234.568]])
    expect(read(writeStamp(RUN, 1, 2, -5)).found).toEqual([[1, 2, 0]])
  })

  const text = `é "quoted" \\ ${writeStamp(RUN, 7, 8, 9)} & more`
  const json = JSON.stringify({type: 'message', text})
  test.each<[string, Buffer | string]>([
    ['alone', writeStamp(RUN, 7, 8, 9)],
    ['inside text', text],
    ['inside JSON', json],
    ['inside JSON inside JSON', JSON.stringify(['message', json])],
    ['inside JSON inside JSON inside JSON', JSON.stringify({data: JSON.stringify(['message', json])})],
    ['inside a URL', encodeURIComponent(text)],
    ['inside a form', new URLSearchParams({text}).toString()],
    ['inside XML', `<body>${text.replaceAll('&', '&amp;').replaceAll('"', '&quot;')}</body>`],
    [
      'in a binary frame',
      Buffer.concat([Buffer.from([0x82, 0, 0xff, 0xfe]), Buffer.from(text), Buffer.from([0xc3, 0])]),
    ],
    ['right at the end of a frame', Buffer.concat([Buffer.alloc(100, 0xff), Buffer.from(writeStamp(RUN, 7, 8, 9))])],
    ['after marks of nobody', `PLD PLDPLD PLD${RUN.slice(0, 7)} ${text}`],
    ['followed by more digits', `${writeStamp(RUN, 7, 8, 9)}0123456789abc`],
  ])('is found %s', (_where, frame) => {
    expect(read(frame)).toEqual({found: [[7, 8, 9]], broken: 0, marks: 1})
  })

  it('is found among others in one frame, each in its turn', () => {
    fc.assert(
      fc.property(stamps, fc.string({maxLength: 20}), (written, between) => {
        const frame = JSON.stringify(written.map((stamp) => between + writeStamp(RUN, ...stamp)))
        expect(read(frame)).toEqual({found: written, broken: 0, marks: written.length})
      }),
    )
  })

  it('is found right after another', () => {
    const frame = writeStamp(RUN, 1, 2, 3) + writeStamp(RUN, 4, 5, 6)
    expect(read(frame).found).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ])
  })

  it('of another run is not found', () => {
    const frame = writeStamp(OTHER_RUN, 1, 2, 3) + writeStamp(RUN, 4, 5, 6)
    expect(read(frame)).toEqual({found: [[4, 5, 6]], broken: 0, marks: 1})
    expect(read(writeStamp(OTHER_RUN, 1, 2, 3))).toEqual({found: [], broken: 0, marks: 0})
  })
})

describe('what is no stamp', () => {
  const stamp = writeStamp(RUN, 7, 8, 9)
  const cuts = Array.from({length: STAMP_LENGTH - 11}, (_, index) => 11 + index)

  test.each(cuts)('cut off after %d characters is broken', (length) => {
    expect(read(stamp.slice(0, length))).toEqual({found: [], broken: 1, marks: 1})
  })

  test.each([3, 8, 10])('cut off after %d characters, within its head, is nothing', (length) => {
    expect(read(stamp.slice(0, length))).toEqual({found: [], broken: 0, marks: 0})
  })

  test.each([
    ['a capital', 'Z'],
    ['a quote', '"'],
    ['a space', ' '],
    ['a character before the digits', '/'],
    ['a character after the digits', ':'],
    ['a character before the letters', '`'],
    ['a character after the letters', '{'],
    ['a zero byte', '\0'],
    ['a letter of two bytes', 'é'],
  ])('with %s in it is broken, wherever it stands', (_what, wrong) => {
    for (let at = 11; at < STAMP_LENGTH; at++) {
      expect(read(stamp.slice(0, at) + wrong + stamp.slice(at + 1))).toEqual({found: [], broken: 1, marks: 1})
    }
  })

  it('does not hide the stamp after it', () => {
    expect(read(stamp.slice(0, 15) + stamp)).toEqual({found: [[7, 8, 9]], broken: 1, marks: 2})
  })

  it('is never read out of any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({maxLength: 200}), (bytes) => {
        expect(read(Buffer.from(bytes)).marks).toBe(0)
        expect(read(Buffer.concat([Buffer.from(`PLD${RUN}"`), bytes]))).toEqual({found: [], broken: 1, marks: 1})
      }),
    )
  })
})

describe('a number that does not fit', () => {
  test.each<[string, Found]>([
    ['one publisher too many', [STAMP_CAPACITY, 0, 0]],
    ['one message too many', [0, STAMP_CAPACITY, 0]],
    ['a run of a hundred days', [0, 0, 100 * 86_400_000]],
    ['a negative publisher', [-1, 0, 0]],
    ['a negative sequence', [0, -1, 0]],
  ])('is refused: %s', (_what, [publisher, sequence, dueMs]) => {
    expect(() => writeStamp(RUN, publisher, sequence, dueMs)).toThrow(RangeError)
  })

  it('fits while it is the largest', () => {
    const largest = STAMP_CAPACITY - 1
    expect(read(writeStamp(RUN, largest, largest, 0)).found).toEqual([[largest, largest, 0]])
  })

  it.each(['', 'short', 'much-too-long'])("is refused as a run id: '%s'", (run) => {
    expect(() => new StampReader(run)).toThrow(RangeError)
  })
})
