import {expect, test} from 'vitest'
import {limitData} from '../../../../src/lib/faults/proxy/toxics/limit-data.js'
import {bench} from '../stage-bench.js'

const outcome = (lines: readonly string[]) => lines.map((line) => line.replace(/^\d+ ms: /, ''))

test.each([
  ['exactly that many bytes pass, then it closes', 5, ['abc', 'defg'], ['abc', 'de', 'close'], 2],
  ['a chunk that ends at the limit closes at once', 3, ['abc'], ['abc', 'close'], 0],
  ['fewer leave it open', 10, ['abc', 'def'], ['abc', 'def'], 0],
  ['0 closes at the first byte', 0, ['a'], ['close'], 1],
])('%s', (_behaviour, bytes, said, out, dropped) => {
  const {out: came, counted, say} = bench(limitData, {bytes})
  for (const text of said) say(text)
  expect(outcome(came)).toEqual(out)
  expect(counted.dropped).toBe(dropped)
})

test('what has passed still counts after a change', () => {
  const {stage, out, say} = bench(limitData, {bytes: 10})
  say('abcdef')
  stage.update({bytes: 8})
  say('ghij')
  expect(outcome(out)).toEqual(['abcdef', 'gh', 'close'])
})

test('a change below what has passed closes at the next byte', () => {
  const {stage, out, say} = bench(limitData, {bytes: 10})
  say('abcdef')
  stage.update({bytes: 2})
  say('g')
  expect(outcome(out)).toEqual(['abcdef', 'close'])
})
