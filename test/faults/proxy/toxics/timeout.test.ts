import {afterEach, beforeEach, expect, test, vi} from 'vitest'
import {timeout} from '../../../../src/lib/faults/proxy/toxics/timeout.js'
import {bench} from '../stage-bench.js'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('nothing passes, what is dropped is counted, and silence for the timeout closes', () => {
  const {out, counted, say, pass} = bench(timeout, {timeout: 100})
  pass(80)
  say('abc')
  pass(80)
  say('d')
  pass(99)
  expect(out).toEqual([])
  pass(1)
  expect(out).toEqual(['260 ms: close'])
  expect(counted.dropped).toBe(4)
})

test('a timeout of 0 is a black hole: it swallows the end too, and never closes', () => {
  const {stage, out, say, pass} = bench(timeout, {timeout: 0})
  say('abc')
  stage.end('half-close')
  stage.end('reset')
  pass(1e9)
  expect(out).toEqual([])
})

test('a black hole can be given a timeout', () => {
  const {stage, out, pass} = bench(timeout, {timeout: 0})
  pass(1000)
  stage.update({timeout: 10})
  pass(10)
  expect(out).toEqual(['1010 ms: close'])
})

test('when it leaves the connection is closed, as bytes are missing', () => {
  const {stage, out} = bench(timeout, {timeout: 0})
  stage.leave()
  expect(out).toEqual(['0 ms: close'])
})
