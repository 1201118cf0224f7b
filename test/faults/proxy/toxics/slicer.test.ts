import {afterEach, beforeEach, expect, test, vi} from 'vitest'
import {slicer} from '../../../../src/lib/faults/proxy/toxics/slicer.js'
import {bench} from '../stage-bench.js'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const sizesOf = (lines: readonly string[]) => lines.map((line) => line.replace(/^\d+ ms: /, '').length)

test.each([
  ['an average of 100 with a variation of 20', 100, 20, 80, 120],
  ['an average of 64 with none', 64, 0, 64, 64],
  ['a variation beyond the average', 3, 10, 1, 13],
])(
  'with %s, pieces have from %4$i to %5$i bytes but for the last of a chunk',
  (_words, average, variation, least, most) => {
    const {out, say, pass} = bench(slicer, {average_size: average, size_variation: variation})
    say('x'.repeat(10_000))
    pass(100_000)
    const sizes = sizesOf(out)
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(10_000)
    expect(Math.min(...sizes.slice(0, -1))).toBeGreaterThanOrEqual(least)
    expect(Math.max(...sizes)).toBeLessThanOrEqual(most)
    if (variation > 0) expect(new Set(sizes).size).toBeGreaterThan(5)
  },
)

test('it rests after each piece, in microseconds, and before the end', () => {
  const {stage, out, say, pass} = bench(slicer, {average_size: 2, delay: 10_000})
  say('abcdef')
  stage.end('half-close')
  pass(1000)
  expect(out).toEqual(['0 ms: ab', '10 ms: cd', '20 ms: ef', '30 ms: half-close'])
})

test('an average of 0 cuts nothing', () => {
  const {out, say} = bench(slicer, {})
  say('abcdef')
  expect(out).toEqual(['0 ms: abcdef'])
})

test('tens of thousands of pieces do not keep others waiting, and keep their order', () => {
  const {out, say, pass} = bench(slicer, {average_size: 1})
  const text = Array.from({length: 20_000}, (_, index) => String(index % 10)).join('')
  say(text)
  expect(out.length).toBeLessThan(1000)
  pass(1000)
  expect(out.map((line) => line.slice(-1)).join('')).toBe(text)
})

test('when it leaves, the rest goes on in one piece', () => {
  const {stage, out, say} = bench(slicer, {average_size: 1, delay: 10_000})
  say('abcdef')
  stage.leave()
  expect(out).toEqual(['0 ms: a', '0 ms: bcdef'])
})
