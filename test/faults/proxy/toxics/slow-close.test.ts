import {afterEach, beforeEach, expect, test, vi} from 'vitest'
import {slowClose} from '../../../../src/lib/faults/proxy/toxics/slow-close.js'
import {bench} from '../stage-bench.js'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('bytes pass at once, and the end comes late', () => {
  const {stage, out, say, pass} = bench(slowClose, {delay: 100})
  say('a')
  pass(10)
  say('b')
  stage.end('half-close')
  pass(500)
  expect(out).toEqual(['0 ms: a', '10 ms: b', '110 ms: half-close'])
})

test('when it leaves, an end that it holds comes at once', () => {
  const {stage, out, pass} = bench(slowClose, {delay: 100})
  stage.end('reset')
  pass(10)
  stage.leave()
  expect(out).toEqual(['10 ms: reset'])
})
