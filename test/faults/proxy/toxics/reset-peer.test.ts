import {afterEach, beforeEach, expect, test, vi} from 'vitest'
import {resetPeer} from '../../../../src/lib/faults/proxy/toxics/reset-peer.js'
import {bench} from '../stage-bench.js'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('a timeout of 0 resets at the first byte, which is dropped', () => {
  const {out, counted, say, pass} = bench(resetPeer, {timeout: 0})
  pass(1000)
  say('abc')
  expect(out).toEqual(['1000 ms: reset'])
  expect(counted.dropped).toBe(3)
})

test('it resets the timeout after the first byte, whatever comes meanwhile', () => {
  const {stage, out, say, pass} = bench(resetPeer, {timeout: 100})
  say('a')
  pass(60)
  say('b')
  stage.end('half-close')
  pass(100)
  expect(out).toEqual(['100 ms: reset'])
})

test('it resets after the end of a silent connection too', () => {
  const {stage, out, pass} = bench(resetPeer, {timeout: 100})
  stage.end('half-close')
  pass(100)
  expect(out).toEqual(['100 ms: reset'])
})

test('when it leaves in time nothing is lost', () => {
  const {stage, out, counted, say, pass} = bench(resetPeer, {timeout: 100})
  say('a')
  say('b')
  stage.end('half-close')
  pass(50)
  stage.leave()
  pass(500)
  expect(out).toEqual(['50 ms: a', '50 ms: b', '50 ms: half-close'])
  expect(counted.dropped).toBe(0)
})

test('a shorter timeout counts from the first byte', () => {
  const {stage, out, say, pass} = bench(resetPeer, {timeout: 10_000})
  say('a')
  pass(500)
  stage.update({timeout: 100})
  expect(out).toEqual(['500 ms: reset'])
})
