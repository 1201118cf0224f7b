import {afterEach, beforeEach, expect, test, vi} from 'vitest'
import {bandwidth} from '../../../../src/lib/faults/proxy/toxics/bandwidth.js'
import {bench} from '../stage-bench.js'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const bytesOf = (lines: readonly string[]) =>
  lines.reduce((sum, line) => sum + (/ms: (x+)$/.exec(line)?.[1]?.length ?? 0), 0)

test.each([
  ['1 KB/s', 1, 1000, 1000],
  ['100 KB/s', 100, 500, 50_000],
  ['7 KB/s', 7, 300, 2100],
])('%s lets %i KB/s pass: in %i ms %i bytes', (_words, rate, length, bytes) => {
  const {out, say, pass} = bench(bandwidth, {rate})
  say('x'.repeat(60_000))
  pass(length)
  // A slice of 20 ms may be under way.
  expect(bytesOf(out)).toBeGreaterThanOrEqual(bytes - rate * 20)
  expect(bytesOf(out)).toBeLessThanOrEqual(bytes + rate)
})

test('bytes trickle in slices of 20 ms, and the end comes behind the last', () => {
  const {stage, out, say, pass} = bench(bandwidth, {rate: 1})
  say('x'.repeat(50))
  stage.end('half-close')
  pass(1000)
  expect(out).toEqual([
    `20 ms: ${'x'.repeat(20)}`,
    `40 ms: ${'x'.repeat(20)}`,
    `50 ms: ${'x'.repeat(10)}`,
    '50 ms: half-close',
  ])
})

test('a rate of 0 stalls, and when it grows what was held comes at the new rate and not in a lump', () => {
  const {stage, out, say, pass} = bench(bandwidth, {rate: 0})
  say('x'.repeat(40))
  pass(10_000)
  expect(out).toEqual([])
  stage.update({rate: 1})
  pass(100)
  expect(out).toEqual([`10020 ms: ${'x'.repeat(20)}`, `10040 ms: ${'x'.repeat(20)}`])
})

test('idle time is not saved up', () => {
  const {out, say, pass} = bench(bandwidth, {rate: 1})
  pass(5000)
  say('x'.repeat(40))
  pass(100)
  expect(out).toEqual([`5020 ms: ${'x'.repeat(20)}`, `5040 ms: ${'x'.repeat(20)}`])
})

test('when it leaves, what it holds goes on at once', () => {
  const {stage, out, say, pass} = bench(bandwidth, {rate: 1})
  say('x'.repeat(1000))
  pass(20)
  stage.leave()
  expect(bytesOf(out)).toBe(1000)
})

test('the source has to wait when 64 KiB are held', () => {
  const {stage} = bench(bandwidth, {rate: 1})
  stage.data(Buffer.alloc(70_000))
  expect(stage.crowded).toBe(true)
})
