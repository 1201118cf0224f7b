import fc from 'fast-check'
import {expect, test} from 'vitest'
import {share} from '../../src/lib/pacing/share.js'
import {steady} from '../../src/lib/pacing/steady.js'

test('the shares of the workers are the whole, each arrival once', () => {
  fc.assert(
    fc.property(fc.integer({min: 1, max: 8}), fc.integer({min: 0, max: 500}), (workers, rate) => {
      const schedule = steady(rate, 2000)
      const shares = Array.from({length: workers}, (_, worker) => [...share(schedule, (n) => n % workers === worker)])
      const together = shares.flat().sort((left, right) => left.n - right.n)
      expect(together).toEqual(Array.from(schedule, (due, n) => ({n, due})))
    }),
  )
})

test('a share keeps the numbers and the times of the whole, and can be walked again', () => {
  const third = share(steady(10, 1000), (n) => n % 3 === 1)
  expect([...third]).toEqual([
    {n: 1, due: 100},
    {n: 4, due: 400},
    {n: 7, due: 700},
  ])
  expect([...third]).toHaveLength(3)
})
