import {describe, expect, it} from 'vitest'
import {
  ackFrame,
  errorFrame,
  joinedFrame,
  leftFrame,
  messageText,
  PONG_FRAME,
  refusedFrame,
  textFrame,
} from '../../../src/lib/targets/practice/frames.js'

/** The payload of an unmasked frame, and the bytes of its header. */
function opened(frame: Buffer): {text: string; header: number} {
  const short = (frame[1] ?? 0) & 0x7f
  const header = short < 126 ? 2 : short === 126 ? 4 : 10
  const length = short < 126 ? short : short === 126 ? frame.readUInt16BE(2) : Number(frame.readBigUInt64BE(2))
  expect(frame.length).toBe(header + length)
  return {text: frame.toString('utf8', header), header}
}

describe('a text frame', () => {
  it.each([
    ['nothing', 0, 2],
    ['125 bytes', 125, 2],
    ['126 bytes', 126, 4],
    ['65,535 bytes', 65_535, 4],
    ['65,536 bytes', 65_536, 10],
  ])('of %s says its length in the shortest way', (_, length, header) => {
    const text = 'x'.repeat(length)
    const frame = textFrame(text)
    expect(opened(frame).header).toBe(header)
    expect(opened(frame).text === text).toBe(true)
    expect(textFrame(Buffer.from(text)).equals(frame)).toBe(true)
  })

  it('counts bytes, not characters', () => {
    expect(opened(textFrame('zurück €')).text).toBe('zurück €')
  })

  it.each([
    ['joined', joinedFrame('r"1', 3), '{"type":"joined","room":"r\\"1","members":3}'],
    ['left', leftFrame('r'), '{"type":"left","room":"r"}'],
    ['ack', ackFrame(7, 99), '{"type":"ack","id":7,"message":99}'],
    ['refused message', refusedFrame('no', 7), '{"type":"refused","id":7,"reason":"no"}'],
    ['refused join', refusedFrame('no'), '{"type":"refused","reason":"no"}'],
    ['error', errorFrame('not JSON'), '{"type":"error","reason":"not JSON"}'],
    ['pong', PONG_FRAME, '{"type":"pong"}'],
  ])('keeps the key order that clients match by: %s', (_, frame, text) => {
    expect(opened(frame).text).toBe(text)
  })

  it('keeps the key order of a message', () => {
    const text = messageText({room: 'r', from: 'ann', id: 5, body: 'say "hi"'})
    expect(text).toBe('{"type":"message","room":"r","from":"ann","id":5,"body":"say \\"hi\\""}')
  })
})
