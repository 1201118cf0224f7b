import {expect, test} from 'vitest'
import {entranceWords, matcherWords} from '../../../src/lib/protocols/websocket/expectation.js'
import type {FrameMatcher, Protocol} from '../../../src/lib/protocols/websocket/protocol.js'

test.each<[FrameMatcher, string]>([
  [{startsWith: '{"a"'}, `a frame that starts with '{"a"'`],
  [{contains: ['a', 'b']}, "a frame that contains 'a' and 'b'"],
  [{startsWith: '4', contains: 'x'}, "a frame that starts with '4' and contains 'x'"],
  [{equals: '3'}, "a frame that is '3'"],
  [[{equals: '3'}, {contains: 'x'}], "a frame that is '3', or a frame that contains 'x'"],
])('%j is said in words', (matcher, expected) => {
  expect(matcherWords(matcher)).toBe(expected)
})

const protocol: Protocol = {
  name: 'two-steps',
  open: [{send: 'hello'}, {send: 'login', until: {equals: 'welcome'}}],
  join: {send: 'join', until: {equals: 'joined'}},
  publish: {send: '{{body}}'},
}

test.each([
  [0, undefined],
  [1, "open[1].until: a frame that is 'welcome'"],
  [2, "join.until: a frame that is 'joined'"],
])('step %i of the entrance waits for %j', (step, expected) => {
  expect(entranceWords(protocol, step)).toBe(expected)
})
