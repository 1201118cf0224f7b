import {afterEach, beforeEach, expect, test, vi} from 'vitest'
import {latency} from '../../../../src/lib/faults/proxy/toxics/latency.js'
import {bench} from '../stage-bench.js'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('each chunk comes late by the latency, and so does the end', () => {
  const {stage, out, say, pass} = bench(latency, {latency: 100})
  say('a')
  pass(30)
  say('b')
  stage.end('half-close')
  pass(500)
  expect(out).toEqual(['100 ms: a', '130 ms: b', '130 ms: half-close'])
})

test('with jitter chunks come between latency − jitter and latency + jitter, and keep their order', () => {
  const {out, say, pass} = bench(latency, {latency: 100, jitter: 50})
  const texts = Array.from({length: 200}, (_, index) => String(index))
  for (const text of texts) {
    say(text)
    pass(3)
  }
  pass(500)
  const came = out.map((line) => /^(\d+) ms: (\d+)$/.exec(line)?.slice(1).map(Number) ?? [])
  expect(came.map(([, text]) => String(text))).toEqual(texts)
  const delays = came.map(([at = 0, text = 0]) => at - 3 * text)
  expect(Math.min(...delays)).toBeGreaterThanOrEqual(50)
  expect(Math.max(...delays)).toBeLessThanOrEqual(151)
})

test('a change holds for what is held already', () => {
  const {stage, out, say, pass} = bench(latency, {latency: 1000})
  say('a')
  pass(10)
  stage.update({latency: 50})
  pass(100)
  expect(out).toEqual(['50 ms: a'])
})

test('when it leaves, what it holds goes on at once and in order', () => {
  const {stage, out, say, pass} = bench(latency, {latency: 1000})
  say('a')
  say('b')
  stage.end('half-close')
  pass(10)
  stage.leave()
  pass(5000)
  expect(out).toEqual(['10 ms: a', '10 ms: b', '10 ms: half-close'])
})

test('a latency longer than a timer can be is waited for', () => {
  const {out, say, pass} = bench(latency, {latency: 2 ** 31 + 1000})
  say('a')
  pass(2 ** 31)
  expect(out).toEqual([])
  pass(1100)
  expect(out).toEqual([`${2 ** 31 + 1000} ms: a`])
})

test('the source has to wait when 32 MiB are held', () => {
  const {stage, pass} = bench(latency, {latency: 100})
  const chunk = Buffer.alloc(1024 * 1024)
  for (let n = 0; n < 32; n++) stage.data(chunk)
  expect(stage.crowded).toBe(false)
  stage.data(chunk)
  expect(stage.crowded).toBe(true)
  pass(100)
  expect(stage.crowded).toBe(false)
})
