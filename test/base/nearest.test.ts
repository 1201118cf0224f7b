import {describe, expect, test} from 'vitest'
import {didYouMean, nearest} from '../../src/lib/base/nearest.js'

const METRICS = ['messages_lost', 'messages_duplicated', 'delivery_latency', 'connect_latency', 'p99']

describe('the nearest word', () => {
  test.each([
    ['mesages_lost', 'messages_lost'],
    ['messages_lsot', 'messages_lost'],
    ['MESSAGES_LOST', 'messages_lost'],
    ['p98', 'p99'],
    ['duplicated', 'messages_duplicated'],
    ['cpu', undefined],
    ['x', undefined],
    ['', undefined],
  ])('to %j is %j', (word, meant) => {
    expect(nearest(word, METRICS)).toBe(meant)
  })

  test('of equally near ones is the first', () => {
    expect(nearest('sat', ['bat', 'cat'])).toBe('bat')
  })

  test('shares at least a letter with it', () => {
    expect(nearest('x', ['s', 'm'])).toBeUndefined()
  })
})

describe('the hint', () => {
  test('asks for the near word', () => {
    expect(didYouMean('mesages_lost', METRICS)).toBe("did you mean 'messages_lost'?")
  })

  test('lists a few words when none is near', () => {
    expect(didYouMean('x', ['s', 'min', 'h'])).toBe('known: s, min, h')
  })

  test('lists the nearest of many', () => {
    const many = Array.from({length: 20}, (_, index) => `metric_${'long_'.repeat(index + 1)}${index}`)
    expect(didYouMean('zz', many)).toMatch(/^known: metric_long_0, .* and 12 more$/)
  })

  test('says so when there is nothing to choose from', () => {
    expect(didYouMean('x', [])).toBe('none is known')
  })
})
