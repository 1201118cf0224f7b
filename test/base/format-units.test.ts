import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {
  exactDuration,
  formatCount,
  formatDuration,
  formatRate,
  formatShare,
  formatSize,
  formatValue,
} from '../../src/lib/base/format-units.js'
import {parseCount, parseDuration, parseRate, parseShare, parseSize} from '../../src/lib/base/parse-units.js'
import type {UnitName} from '../../src/lib/base/units.js'

describe('values are written for people', () => {
  test.each<[value: number, unit: UnitName, text: string]>([
    [0, 'ms', '0 ms'],
    [0.001, 'ms', '1 µs'],
    [0.0042, 'ms', '4.2 µs'],
    [0.85, 'ms', '850 µs'],
    [0.9996, 'ms', '1.0 ms'],
    [4.1, 'ms', '4.1 ms'],
    [4.123, 'ms', '4.1 ms'],
    [10, 'ms', '10 ms'],
    [99.96, 'ms', '100 ms'],
    [100, 'ms', '100 ms'],
    [523.4, 'ms', '523 ms'],
    [999.7, 'ms', '1.00 s'],
    [1200, 'ms', '1.20 s'],
    [9999, 'ms', '10.0 s'],
    [20_000, 'ms', '20 s'],
    [59_999, 'ms', '1 min'],
    [60_000, 'ms', '1 min'],
    [90_000, 'ms', '1 min 30 s'],
    [3_599_900, 'ms', '1 h'],
    [7_500_000, 'ms', '2 h 5 min'],
    [90_000_000, 'ms', '1 d 1 h'],
    [-4.1, 'ms', '-4.1 ms'],
    [Infinity, 'ms', 'Infinity ms'],
    [50_000, 'count', '50,000'],
    [0, 'count', '0'],
    [-0, 'count', '0'],
    [2.5, 'count', '2.5'],
    [0, 'bytes', '0 B'],
    [128, 'bytes', '128 B'],
    [65_536, 'bytes', '64 KiB'],
    [5427, 'bytes', '5.3 KiB'],
    [1_048_575, 'bytes', '1.0 MiB'],
    [-2048, 'bytes', '-2 KiB'],
    [10_000, 'perSecond', '10,000/s'],
    [9912.3, 'perSecond', '9,912/s'],
    [9.912, 'perSecond', '9.91/s'],
    [0.001, 'perSecond', '0.001/s'],
    [0, 'perSecond', '0/s'],
    [0.01, 'share', '1 %'],
    [0.07, 'share', '7 %'],
    [0.003, 'share', '0.30 %'],
    [0.9995, 'share', '99.95 %'],
    [0, 'share', '0 %'],
    [1, 'share', '100 %'],
    [0.999_999, 'share', '99.9999 %'],
    [0.000_001, 'share', '0.0001 %'],
    [1e-15, 'share', '< 0.00000001 %'],
  ])('%d %s is %s', (value, unit, text) => {
    expect(formatValue(value, unit)).toBe(text)
  })
})

test('only what is nothing or all is written as 0 % or 100 %', () => {
  fc.assert(
    fc.property(fc.double({min: 1e-9, max: 1 - 1e-9, noNaN: true}), (share) => {
      expect(['0 %', '100 %', '0.00 %', '100.00 %']).not.toContain(formatShare(share))
    }),
  )
})

describe('an exact duration', () => {
  test.each([
    [0, '0ms'],
    [0.85, '0.85ms'],
    [100, '100ms'],
    [1500, '1.5s'],
    [5000, '5s'],
    [60_000, '1m'],
    [90_000, '1m30s'],
    [3_600_001, '1h1ms'],
  ])('%d ms is %s', (ms, text) => {
    expect(exactDuration(ms)).toBe(text)
  })

  test('is read back as it was', () => {
    fc.assert(
      fc.property(fc.integer({min: 0, max: 1e12}), (ms) => {
        expect(parseDuration(exactDuration(ms))).toBe(ms)
      }),
    )
  })
})

describe('what was written for people is read back', () => {
  const near = (read: number, value: number, tolerance: number) =>
    expect(Math.abs(read - value)).toBeLessThanOrEqual(value * tolerance)

  test('counts exactly', () => {
    fc.assert(fc.property(fc.maxSafeNat(), (count) => parseCount(formatCount(count)) === count))
  })

  test('durations within the digits shown', () => {
    fc.assert(
      fc.property(fc.double({min: 0.001, max: 1e9, noNaN: true}), (ms) => {
        near(parseDuration(formatDuration(ms)), ms, 0.06)
      }),
    )
  })

  test('sizes within the digits shown', () => {
    fc.assert(
      fc.property(fc.integer({min: 1, max: 2 ** 45}), (bytes) => {
        near(parseSize(formatSize(bytes)), bytes, 0.05)
      }),
    )
  })

  test('rates within the digits shown', () => {
    fc.assert(
      fc.property(fc.double({min: 0.001, max: 1e9, noNaN: true}), (rate) => {
        near(parseRate(formatRate(rate)), rate, 0.006)
      }),
    )
  })

  test('shares within the digits shown', () => {
    fc.assert(
      fc.property(fc.double({min: 0.001, max: 1, noNaN: true}), (share) => {
        near(parseShare(formatShare(share)), share, 0.05)
      }),
    )
  })
})
