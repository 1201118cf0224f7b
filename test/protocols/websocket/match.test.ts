import {describe, expect, test} from 'vitest'
import {compileMatcher, eachPart, numberAfter} from '../../../src/lib/protocols/websocket/match.js'
import type {FrameMatcher} from '../../../src/lib/protocols/websocket/protocol.js'

describe('a frame', () => {
  test.each<[string, FrameMatcher, string, boolean]>([
    ['that begins so is recognised', {startsWith: '{"type":"ack"'}, '{"type":"ack","id":1}', true],
    ['that only contains the beginning is not', {startsWith: '{"type":"ack"'}, ' {"type":"ack"}', false],
    ['that is shorter than the beginning is not', {startsWith: '{"type":"ack"'}, '{"type"', false],
    ['that is the beginning and no more is recognised', {startsWith: 'ok'}, 'ok', true],
    ['that is empty does not begin with anything', {startsWith: 'ok'}, '', false],
    ['that is wholly the same is recognised', {equals: '3'}, '3', true],
    ['that is longer is not the same', {equals: '3'}, '3 ', false],
    ['that is empty equals the empty one', {equals: ''}, '', true],
    ['that contains the text is recognised', {contains: 'joined'}, '{"type": "joined"}', true],
    ['that does not contain the text is not', {contains: 'joined'}, '{"type": "left"}', false],
    ['that contains all texts is recognised, in any order', {contains: ['b', 'a']}, 'a and b', true],
    ['that contains one of the texts is not', {contains: ['a', 'b']}, 'only an a', false],
    ['that fits in two ways of two is recognised', {startsWith: '{', contains: 'x'}, '{x}', true],
    ['that fits in one way of two is not', {startsWith: '[', contains: 'x'}, '{x}', false],
    ['that fits the second of two forms is recognised', [{equals: 'a'}, {startsWith: 'b'}], 'bc', true],
    ['that fits none of two forms is not', [{equals: 'a'}, {startsWith: 'b', contains: 'd'}], 'bc', false],
    ['that fits the only form of a list is recognised', [{equals: 'a'}], 'a', true],
    ['with letters of several bytes is recognised', {contains: 'größe ✓'}, '{"größe ✓"}', true],
  ])('%s', (_what, matcher, frame, recognised) => {
    expect(compileMatcher(matcher)(Buffer.from(frame))).toBe(recognised)
  })
})

describe('the parts of a frame', () => {
  test.each<[string, string, string[]]>([
    ['are the frame itself without a separator', '{}', ['{}']],
    ['are what stands between separators', 'a\nbc\nd', ['a', 'bc', 'd']],
    ['are not empty after the last separator', 'a\n', ['a']],
    ['are not empty anywhere', '\na\n\nb', ['a', 'b']],
    ['are none in a frame of separators', '\n\n', []],
    ['are none in an empty frame', '', []],
  ])('%s', (_what, frame, parts) => {
    const taken: string[] = []
    eachPart(Buffer.from(frame), Buffer.from('\n'), (part) => taken.push(part.toString()))
    expect(taken).toEqual(parts)
  })
})

describe('the number after a text', () => {
  test.each<[string, string, number | undefined]>([
    ['is read', '{"id":42}', 42],
    ['is read from quotes', '{"id":"42"}', 42],
    ['is read after spaces', '{"id":  42}', 42],
    ['is read after spaces and quotes', '{"id": "42"}', 42],
    ['is read at the end of the frame', '"id":7', 7],
    ['is read without the sign of a fraction', '{"id":4.2}', 4],
    ['may be zero', '{"id":0}', 0],
    ['may be large', '{"id":4503599627370496}', 4503599627370496],
    ['is that of the first place', '{"id":1,"id":2}', 1],
    ['is missing when the text is', '{"nr":42}', undefined],
    ['is missing when a word stands there', '{"id":abc}', undefined],
    ['is missing when nothing stands there', '"id":', undefined],
    ['is missing when it is negative', '{"id":-1}', undefined],
  ])('%s', (_what, frame, number) => {
    expect(numberAfter(Buffer.from(frame), Buffer.from('"id":'))).toBe(number)
  })
})
