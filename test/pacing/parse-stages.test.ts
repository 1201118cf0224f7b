import {describe, expect, test} from 'vitest'
import {UsageError} from '../../src/lib/base/errors.js'
import {parseStages} from '../../src/lib/pacing/parse-stages.js'

describe('stages are read as people write them', () => {
  test.each([
    ['30s:10', [{lengthMs: 30_000, target: 10}]],
    [
      '30s:10,1m:50,30s:0',
      [
        {lengthMs: 30_000, target: 10},
        {lengthMs: 60_000, target: 50},
        {lengthMs: 30_000, target: 0},
      ],
    ],
    [
      ' 1m30s : 10k/s , 0:600/min ',
      [
        {lengthMs: 90_000, target: 10_000},
        {lengthMs: 0, target: 10},
      ],
    ],
  ])('%s', (text, expected) => {
    expect(parseStages(text)).toEqual(expected)
  })
})

describe('what makes no sense is refused, and the stage is named', () => {
  test.each([
    ['', "--stages: stage 1: expected LENGTH:TARGET such as 30s:10, got ''"],
    ['30s:10,', "--stages: stage 2: expected LENGTH:TARGET such as 30s:10, got ''"],
    ['30s:10,1m', "--stages: stage 2: expected LENGTH:TARGET such as 30s:10, got '1m'"],
    ['30s:10:5', "--stages: stage 1: expected LENGTH:TARGET such as 30s:10, got '30s:10:5'"],
    ['30:10', "--stages: stage 1: expected a duration such as 30s, got '30': the unit is missing"],
    ['30s:10,1mim:5', "--stages: stage 2: expected a duration such as 30s, got '1mim': unknown unit 'mim'"],
    ['30s:-5', "--stages: stage 1: expected a rate such as 200/s, got '-5': it cannot be negative"],
    ['30s:many', "--stages: stage 1: expected a rate such as 200/s, got 'many'"],
  ])('%s', (text, message) => {
    expect(() => parseStages(text, '--stages')).toThrow(UsageError)
    expect(() => parseStages(text, '--stages')).toThrow(message)
  })

  test('a comma in a number is explained', () => {
    try {
      parseStages('30s:10,000')
      expect.unreachable()
    } catch (error) {
      expect(error).toHaveProperty('hint', expect.stringContaining('write 10k or 10000'))
    }
  })
})
