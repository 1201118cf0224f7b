import {expect, test} from 'vitest'
import {TargetError} from '../../../src/lib/base/errors.js'
import {tokenAt} from '../../../src/lib/targets/auth/token-at.js'

test.each([
  ['the whole answer', ' abc\n', undefined, 'abc'],
  ['a pointer', '{"a":{"b":"t"}}', '/a/b', 't'],
  ['a pointer with escapes', '{"a/b":{"c~d":"t"}}', '/a~1b/c~0d', 't'],
  ['a path with dots', '{"a":{"b":"t"}}', 'a.b', 't'],
  ['a single key', '{"token":"t"}', 'token', 't'],
  ['a place in a list', '{"a":[{"t":"x"},{"t":"y"}]}', '/a/1/t', 'y'],
  ['a number', '{"t":5}', 't', '5'],
])('%s', (_what, answer, place, token) => {
  expect(tokenAt(answer, place)).toBe(token)
})

test.each([
  ['an empty answer', ' ', undefined],
  ['an empty token', '{"t":""}', 't'],
  ['nothing there', '{"a":null}', '/a/b'],
  ['an object', '{"t":{}}', 't'],
  ['what every object has', '{}', 'constructor.name'],
])('%s holds no token', (_what, answer, place) => {
  expect(() => tokenAt(answer, place)).toThrow(TargetError)
})
