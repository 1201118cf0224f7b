import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {UsageError} from '../../src/lib/base/errors.js'
import {compileTemplate} from '../../src/lib/protocols/template.js'

const values = {room: 'tea & co', user: 'ann"x\\', n: 7, token: 'a/b+c='}

describe('filling in', () => {
  test.each([
    ['no name at all', '{"type":"ping"}', '{"type":"ping"}'],
    ['an empty text', '', ''],
    ['a name between texts', 'join {{room}} now', 'join tea & co now'],
    ['names side by side', '{{n}}{{n}}', '77'],
    ['a number inside braces of JSON', '{"a":{"id":{{n}}}}', '{"a":{"id":7}}'],
    ['spaces around a name', '{{ n }}', '7'],
    ['a value for a URL', '/ws/{{room:url}}', '/ws/tea%20%26%20co'],
    ['a value inside JSON', '"{{user:json}}"', '"ann\\"x\\\\"'],
    ['double braces inside a JSON text', '{"a":"{{","b":"}}"}', '{"a":"{{","b":"}}"}'],
  ])('%s', (_what, text, filled) => {
    expect(compileTemplate(text).fill(values)).toBe(filled)
  })

  test('a URL gets every value encoded, unless it says raw', () => {
    expect(compileTemplate('/{{room}}?t={{token}}&r={{token:raw}}').fillUrl(values)).toBe(
      '/tea%20%26%20co?t=a%2Fb%2Bc%3D&r=a/b+c=',
    )
  })

  test('a value that was asked to be encoded is encoded once', () => {
    expect(compileTemplate('/{{room:url}}').fillUrl(values)).toBe('/tea%20%26%20co')
  })

  test('JSON gets every value escaped', () => {
    expect(JSON.parse(compileTemplate('{"user":"{{user}}","n":{{n}}}').fillJson(values))).toEqual({
      user: values.user,
      n: 7,
    })
  })

  test('names are told once each, in their order', () => {
    expect(compileTemplate('{{room}}{{user}}{{room}}').names).toEqual(['room', 'user'])
  })
})

describe('what cannot work is refused', () => {
  const names = ['room', 'user', 'token']
  test.each([
    ['a misspelt name', '/{{rooom}}', "unknown name {{rooom}}, did you mean 'room'?"],
    ['a name far from all', '/{{xyz}}', 'unknown name {{xyz}}, known: room, user, token'],
    ['a misspelt modifier', '/{{room:urls}}', "unknown modifier :urls, did you mean 'url'?"],
    [
      'a modifier that every object has',
      '/{{room:constructor}}',
      'unknown modifier :constructor, known: raw, url, json',
    ],
    ['a name with a dash', '/{{room-name}}', "'{{room-name}}' is not a name to fill in: write it like {{room}}"],
    ['no name', '/{{}}', "'{{}}' is not a name to fill in: write it like {{room}}"],
  ])('%s', (_what, text, message) => {
    expect(() => compileTemplate(text, names)).toThrow(new UsageError(message))
  })

  test('a name where nothing is filled in', () => {
    expect(() => compileTemplate('{{room}}', [])).toThrow('unknown name {{room}}: nothing is filled in here')
  })

  test.each(['room', 'constructor', 'toString'])('%s without a value', (name) => {
    expect(() => compileTemplate(`{{${name}}}`).fill({})).toThrow(UsageError)
  })
})

describe('for any text', () => {
  const piece = fc.string().filter((text) => !text.includes('{') && !text.includes('}'))

  test('the pieces come out as they went in, with the values between them', () => {
    fc.assert(
      fc.property(fc.array(piece, {minLength: 1}), fc.string(), (pieces, value) => {
        expect(compileTemplate(pieces.join('{{v}}')).fill({v: value})).toBe(pieces.join(value))
      }),
    )
  })

  test('a value can be read back from a URL, and from JSON', () => {
    fc.assert(
      fc.property(fc.string({unit: 'grapheme'}), (value) => {
        const url = new URL(compileTemplate('ws://host/x?v={{v}}').fillUrl({v: value}))
        expect(url.searchParams.get('v')).toBe(value)
        expect(JSON.parse(compileTemplate('{"v":"{{v:json}}"}').fill({v: value}))).toEqual({v: value})
      }),
    )
  })
})
