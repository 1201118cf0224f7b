import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {UsageError} from '../../src/lib/base/errors.js'
import {
  parseCount,
  parseDuration,
  parseRate,
  parseShare,
  parseSize,
  type ParseOptions,
} from '../../src/lib/base/parse-units.js'

const parsers = {duration: parseDuration, count: parseCount, size: parseSize, rate: parseRate, share: parseShare}
type Sort = keyof typeof parsers

function refusal(sort: Sort, text: string, options?: ParseOptions): string {
  try {
    parsers[sort](text, options)
  } catch (error) {
    if (error instanceof UsageError) return error.message
    throw error
  }
  return 'it was accepted'
}

describe('what people write is read', () => {
  test.each<[sort: Sort, text: string, value: number]>([
    ['duration', '1m30s', 90_000],
    ['duration', '1 min 30 s', 90_000],
    ['duration', '500ms', 500],
    ['duration', '5min', 300_000],
    ['duration', '2h', 7_200_000],
    ['duration', '1d', 86_400_000],
    ['duration', '1.5s', 1500],
    ['duration', '.5s', 500],
    ['duration', '1.005s', 1005],
    ['duration', '850us', 0.85],
    ['duration', '850 µs', 0.85],
    ['duration', '10,000ms', 10_000],
    ['duration', '30 seconds', 30_000],
    ['duration', ' 30s ', 30_000],
    ['duration', '0', 0],
    ['duration', '0s', 0],
    ['count', '50000', 50_000],
    ['count', '50k', 50_000],
    ['count', '50K', 50_000],
    ['count', '1.5m', 1_500_000],
    ['count', '2g', 2_000_000_000],
    ['count', '10,000', 10_000],
    ['count', '1_000', 1000],
    ['count', '1,234,567', 1_234_567],
    ['count', '4.35k', 4350],
    ['count', '0', 0],
    ['size', '64KiB', 65_536],
    ['size', '64kib', 65_536],
    ['size', '128B', 128],
    ['size', '1MB', 1_000_000],
    ['size', '1.5MiB', 1_572_864],
    ['size', '1.1KiB', 1126],
    ['size', '512', 512],
    ['rate', '10000/s', 10_000],
    ['rate', '10,000/s', 10_000],
    ['rate', '10k/s', 10_000],
    ['rate', '600/min', 10],
    ['rate', '3600/h', 1],
    ['rate', '200', 200],
    ['rate', '0.5 / s', 0.5],
    ['share', '1%', 0.01],
    ['share', '0.30 %', 0.003],
    ['share', '0.01', 0.01],
    ['share', '7%', 0.07],
    ['share', '100%', 1],
    ['share', '0', 0],
  ])('%s %s', (sort, text, value) => {
    expect(parsers[sort](text)).toBe(value)
  })
})

describe('what makes no sense is refused with what was expected', () => {
  test.each<[sort: Sort, text: string, message: string]>([
    ['duration', '90', "expected a duration such as 30s, got '90': the unit is missing: write 90ms, 90s, 90min or 90h"],
    ['duration', '1m30', "got '1m30': the unit is missing"],
    ['duration', '30sek', "got '30sek': unknown unit 'sek', did you mean 'sec'?"],
    ['duration', '30S', "unknown unit 'S', did you mean 's'?"],
    ['duration', '30parsecs', "unknown unit 'parsecs', known: us, ms, s, min, h, d"],
    ['duration', '30s1m', 'units must run from large to small, each once'],
    ['duration', '1s1s', 'units must run from large to small, each once'],
    ['duration', '-5s', "expected a duration such as 30s, got '-5s': it cannot be negative"],
    ['duration', '', "expected a duration such as 30s, got ''"],
    ['duration', 's', "expected a duration such as 30s, got 's'"],
    ['duration', '5s!?5s', "unknown unit 's!?'"],
    ['duration', 'soon', "expected a duration such as 30s, got 'soon'"],
    ['duration', '1..5s', "'1..5' is not a number"],
    ['duration', '99999999999999d', 'it is too large'],
    ['count', '1.5', "expected a whole number such as 50k, got '1.5'"],
    ['count', '1.2345k', "got '1.2345k'"],
    ['count', '1,5', "'1,5' is not a number"],
    ['count', '1,0000', "'1,0000' is not a number"],
    ['count', '-1', 'it cannot be negative'],
    ['count', '5x', "unknown unit 'x', known: k, m, g"],
    ['count', '5 6', "got '5 6'"],
    ['count', 'NaN', "got 'NaN'"],
    ['count', '9'.repeat(400), 'it is too large'],
    ['size', '64k', "expected a size such as 64KiB, got '64k': unknown unit 'k', did you mean 'kB'?"],
    ['size', '64KiBs', "did you mean 'KiB'?"],
    ['size', '0.5B', 'there are no parts of a byte'],
    ['rate', '10/sek', "unknown unit 'sek', did you mean 'sec'?"],
    ['rate', '10/s/s', "expected a rate such as 200/s, got '10/s/s'"],
    ['rate', '/s', "got '/s'"],
    ['rate', '200rps', "unknown unit 'rps'"],
    ['share', '150%', 'it cannot be more than 100%'],
    ['share', '5', "did you mean '5%'?"],
    ['share', '5 percent', "unknown unit 'percent', known: %"],
  ])('%s %s', (sort, text, message) => {
    expect(refusal(sort, text)).toContain(message)
  })

  test('a long text is cut short in the message', () => {
    expect(refusal('count', 'x'.repeat(10_000)).length).toBeLessThan(200)
  })

  test('the message begins with the name of what was read', () => {
    expect(refusal('duration', 'soon', {name: '--duration'})).toBe(
      "--duration: expected a duration such as 30s, got 'soon'",
    )
  })
})

describe('where a positive value is needed, zero and less are refused', () => {
  test.each<[sort: Sort, text: string, message: string]>([
    ['duration', '-5s', "expected a positive duration such as 30s, got '-5s'"],
    ['duration', '0', "expected a positive duration such as 30s, got '0'"],
    ['count', '0', "expected a positive whole number such as 50k, got '0'"],
    ['count', '-3', "expected a positive whole number such as 50k, got '-3'"],
    ['size', '0B', "expected a positive size such as 64KiB, got '0B'"],
    ['rate', '0/s', "expected a positive rate such as 200/s, got '0/s'"],
    ['share', '0%', "expected a positive share such as 1%, got '0%'"],
  ])('%s %s', (sort, text, message) => {
    expect(refusal(sort, text, {positive: true})).toBe(message)
  })

  test('what is more than zero is accepted', () => {
    expect(parseDuration('1ms', {positive: true})).toBe(1)
  })
})

test('whatever is typed, the answer is a number in range or a usage error', () => {
  const typed = fc.oneof(fc.string(), fc.stringMatching(/^-?[\d.,_]{0,6} ?[kmgsB%/a-z]{0,4}$/))
  fc.assert(
    fc.property(fc.constantFrom(...Object.values(parsers)), typed, (parse, text) => {
      try {
        const value = parse(text)
        return value >= 0 && value <= Number.MAX_SAFE_INTEGER
      } catch (error) {
        return error instanceof UsageError
      }
    }),
  )
})
