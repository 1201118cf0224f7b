import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {UsageError} from '../../src/lib/base/errors.js'
import {parseThreshold} from '../../src/lib/verdict/threshold-parser.js'
import {NAMED_AGGREGATES, OPERATORS, formatThreshold, type Aggregate} from '../../src/lib/verdict/threshold.js'

describe('the threshold grammar', () => {
  it.each([
    ['p99(delivery_latency) < 100ms', {aggregate: 'p99', metric: 'delivery_latency', operator: '<', bound: '100ms'}],
    ['p99.9(x)<1m30s', {aggregate: 'p99.9', metric: 'x', operator: '<', bound: '1m30s'}],
    ['messages_lost == 0', {aggregate: undefined, metric: 'messages_lost', operator: '==', bound: '0'}],
    ['http_error_rate < 1 %', {metric: 'http_error_rate', bound: '1%'}],
    ['rate(messages_delivered) >= 9900/s', {aggregate: 'rate', operator: '>=', bound: '9900/s'}],
    ['max(postgres_connections_used) < 80%', {aggregate: 'max', bound: '80%'}],
    ['p99(http_latency) < 1s during recovery', {bound: '1s', phase: 'recovery'}],
    ['  warn:mean( x )  !=  5k  ', {aggregate: 'mean', operator: '!=', bound: '5k', warn: true}],
    ['errors{reason=*,node=a} == 0', {tags: {reason: '*', node: 'a'}}],
    ['p50(x{route=GET /rooms}) < 5ms', {tags: {route: 'GET /rooms'}}],
    ['p50(x{route="a,b} \\"c\\""}) < 5ms', {tags: {route: 'a,b} "c"'}}],
    ['during_x < 5 during during', {metric: 'during_x', phase: 'during'}],
    ['p99_latency < 5ms', {aggregate: undefined, metric: 'p99_latency'}],
  ])('reads %j', (text, expected) => {
    expect(parseThreshold(text)).toMatchObject(expected)
  })

  it('names what is left out', () => {
    expect(parseThreshold('lost == 0')).toEqual({
      aggregate: undefined,
      metric: 'lost',
      tags: {},
      operator: '==',
      bound: '0',
      phase: undefined,
      warn: false,
    })
  })

  it('yields what nobody can change', () => {
    const threshold = parseThreshold('lost{a=b} == 0')
    expect(Object.isFrozen(threshold) && Object.isFrozen(threshold.tags)).toBe(true)
  })

  it.each([
    ['', 'expected a metric or an aggregate such as p99, but the text ends there'],
    ['p99(delivery_latency < 100ms', "expected ')', found '< 100ms'"],
    ['p99(x) 100ms', "expected one of < <= > >= == !=, found '100ms'"],
    ['lost = 0', "unknown operator '=', did you mean '=='?"],
    ['lost => 0', "unknown operator '=>', did you mean '>='?"],
    ['lost <> 0', "unknown operator '<>', known: < <= > >= == !="],
    ['avg(x) < 5ms', "unknown aggregate 'avg', did you mean 'mean'?"],
    ['maxx(x) < 5ms', "unknown aggregate 'maxx', did you mean 'max'?"],
    ['p999(x) < 5ms', "'p999' does not lie between p0 and p100, did you mean 'p99.9'?"],
    ['p100(x) < 5ms', "'p100' does not lie between p0 and p100"],
    ['p0(x) < 5ms', "'p0' does not lie between p0 and p100"],
    ['p99.9 < 5ms', "'p99.9' must be followed by a metric in parentheses"],
    ['lost == ', 'expected a number with its unit, such as 100ms, but the text ends there'],
    ['lost == none', "expected a number with its unit, such as 100ms, found 'none'"],
    ['lost == -1', 'a bound cannot be negative'],
    ['lost == 0 during', "expected a phase after 'during', but the text ends there"],
    ['lost == 0 during a b', "expected the end, found 'b'"],
    ['lost{} == 0', "expected the name of a tag, found '} == 0'"],
    ['lost{a} == 0', "expected '=' after the tag 'a', found '} == 0'"],
    ['lost{a=} == 0', "expected a value for the tag 'a'"],
    ['lost{a=b == 0', "expected ',' or '}', but the text ends there"],
    ['lost{a=1,a=2} == 0', "the tag 'a' is given twice"],
    ['lost{a="\\q"} == 0', 'is not a JSON string'],
  ])('refuses %j', (text, why) => {
    const attempt = () => parseThreshold(text)
    expect(attempt).toThrow(UsageError)
    expect(attempt).toThrow(why)
    expect(attempt).toThrow(`threshold '${text}': `)
  })
})

const name = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,12}$/)
const aggregate = fc.option(
  fc.oneof(
    fc.constantFrom(...NAMED_AGGREGATES),
    fc.integer({min: 1, max: 99_999}).map((thousandths): Aggregate => `p${thousandths / 1000}`),
  ),
  {nil: undefined},
)
const threshold = fc.record({
  aggregate,
  metric: name,
  tags: fc.dictionary(name, fc.string({minLength: 0, maxLength: 12}), {maxKeys: 3, noNullPrototype: true}).map(sorted),
  operator: fc.constantFrom(...OPERATORS),
  bound: fc.constantFrom('0', '100ms', '1m30s', '1%', '64KiB', '9900/s', '10k/s', '2.5', '5m'),
  phase: fc.option(fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/), {nil: undefined}),
  warn: fc.boolean(),
})

function sorted(tags: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(tags).sort(([left], [right]) => (left < right ? -1 : 1)))
}

describe('the canonical text', () => {
  it('is read back as the same threshold', () => {
    fc.assert(
      fc.property(threshold, (given) => {
        expect(parseThreshold(formatThreshold(given))).toEqual(given)
      }),
    )
  })

  it('does not change when it is read and written again', () => {
    fc.assert(
      fc.property(threshold, (given) => {
        const text = formatThreshold(given)
        expect(formatThreshold(parseThreshold(text))).toBe(text)
      }),
    )
  })

  it.each([
    ['warn:p99( x{b=2 , a=1} )<100 ms  during  fault', 'warn: p99(x{a=1,b=2}) < 100ms during fault'],
    ['lost==0', 'lost == 0'],
    ['p99.90(x) < 1s', 'p99.9(x) < 1s'],
  ])('of %j is %j', (text, canonical) => {
    expect(formatThreshold(parseThreshold(text))).toBe(canonical)
  })
})
