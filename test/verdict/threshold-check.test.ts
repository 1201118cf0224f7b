import {describe, expect, it} from 'vitest'
import {UsageError} from '../../src/lib/base/errors.js'
import type {MetricCatalogue} from '../../src/lib/metrics/metric.js'
import {likelyUnit, readBound} from '../../src/lib/verdict/bound.js'
import {checkThreshold, mergeThresholds} from '../../src/lib/verdict/threshold-check.js'
import {parseThreshold} from '../../src/lib/verdict/threshold-parser.js'
import {formatThreshold} from '../../src/lib/verdict/threshold.js'

const CATALOGUE: MetricCatalogue = {
  delivery_latency: {type: 'distribution', unit: 'ms', meaning: 'due time to receiver', tags: ['node', 'room']},
  messages_lost: {type: 'counter', unit: 'count', meaning: 'never delivered', exposedTo: 'deliveries'},
  insert_slowdown: {type: 'gauge', unit: 'share', meaning: 'how much slower', beyondAll: true},
  http_error_rate: {type: 'share', unit: 'share', meaning: 'failed requests'},
  connections_open: {type: 'gauge', unit: 'count', meaning: 'open now'},
  rss: {type: 'gauge', unit: 'bytes', meaning: 'memory'},
}
const PHASES = ['ramp', 'steady', 'recovery', 'drain']

function check(text: string): void {
  checkThreshold(parseThreshold(text), CATALOGUE, PHASES)
}

describe('a threshold is accepted', () => {
  it.each([
    'p99(delivery_latency) < 100ms',
    'p99.95(delivery_latency{node=a,room=*}) < 2m',
    'min(delivery_latency) > 0',
    'count(delivery_latency) >= 10k',
    'messages_lost == 0',
    'rate(messages_lost) < 10k/s',
    'rate(messages_lost) < 600/min',
    'http_error_rate < 1%',
    'http_error_rate < 0.01',
    'insert_slowdown < 150%',
    'http_error_rate == 0',
    'connections_open >= 5m',
    'mean(connections_open) < 2.5',
    'max(rss) < 64KiB during recovery',
  ])('%s', (text) => {
    expect(() => check(text)).not.toThrow()
  })
})

describe('a threshold is refused before the run', () => {
  it.each([
    ['p99(delivery_latncy) < 100ms', "there is no metric 'delivery_latncy', did you mean 'delivery_latency'?"],
    ['toString == 0', "there is no metric 'toString', known: delivery_latency"],
    ['delivery_latency < 100ms', "'delivery_latency' is a distribution: say what of it, such as p99(delivery_latency)"],
    [
      'p99(messages_lost) < 3',
      "'messages_lost' is a counter and has no p99: write messages_lost or rate(messages_lost)",
    ],
    ['rate(delivery_latency) < 3/s', "'delivery_latency' is a distribution and has no rate"],
    ['max(http_error_rate) < 1%', "'http_error_rate' is a share and has no max: write http_error_rate"],
    ['p99(delivery_latency{nod=a}) < 1ms', "'delivery_latency' has no tag 'nod', did you mean 'node'?"],
    ['messages_lost{node=a} == 0', "'messages_lost' has no tag 'node', it has no tags"],
    ['p99(delivery_latency) < 100', 'the unit is missing: write 100ms'],
    ['p99(delivery_latency) < 100mss', "unknown unit 'mss', did you mean 'ms'?"],
    ['p99(delivery_latency) < 1%', 'expected a duration such as 30s'],
    ['messages_lost < 1%', 'expected a whole number such as 50k'],
    ['messages_lost < 1x', "unknown unit 'x'"],
    ['messages_lost < 1.', "'1.' is not a number"],
    ['http_error_rate < 150%', 'it cannot be more than 100%'],
    ['insert_slowdown < 1.5', "did you mean '1.5%'?"],
    ['http_error_rate < 1', "'1' of a share is ambiguous: write 1% or 100%"],
    ['http_error_rate < 2', "did you mean '2%'?"],
    ['rate(messages_lost) < 10ms', "unknown unit 'ms'"],
    ['messages_lost == 0 during recvery', "the plan has no phase 'recvery', did you mean 'recovery'?"],
  ])('%s: %s', (text, why) => {
    const attempt = () => check(text)
    expect(attempt).toThrow(UsageError)
    expect(attempt).toThrow(why)
    expect(attempt).toThrow(`threshold '${text}': `)
  })
})

describe('a bound is read in the unit of its metric', () => {
  it.each([
    ['5m', 'ms', 300_000],
    ['5m', 'count', 5_000_000],
    ['1m30s', 'ms', 90_000],
    ['0', 'ms', 0],
    ['0', 'share', 0],
    ['100%', 'share', 1],
    ['150%', 'share', 1.5],
    ['64KiB', 'bytes', 65_536],
    ['10k/s', 'perSecond', 10_000],
    ['0.5', 'count', 0.5],
  ] as const)('%s of %s is %d', (bound, unit, value) => {
    expect(readBound(bound, unit)).toBe(value)
  })

  it.each([
    ['100ms', 'ms'],
    ['10', 'count'],
    ['1%', 'share'],
    ['150%', 'share'],
    ['10/s', 'perSecond'],
    ['10KiB', 'bytes'],
    ['nonsense', 'count'],
  ] as const)('%s alone looks like %s', (bound, unit) => {
    expect(likelyUnit(bound)).toBe(unit)
  })
})

describe('given thresholds', () => {
  const defaults = ['p99(delivery_latency) < 100ms', 'messages_lost == 0']
  it.each([
    ['none: the defaults stand', [], ['p99(delivery_latency) < 100ms', 'messages_lost == 0']],
    [
      'the same left side: replaces in place, also with another operator',
      ['p99( delivery_latency ) <= 1s'],
      ['p99(delivery_latency) <= 1s', 'messages_lost == 0'],
    ],
    [
      'another percentile, tag or phase: is added behind',
      ['p50(delivery_latency) < 9ms', 'messages_lost == 3 during fault', 'messages_lost{node=a} == 0'],
      [
        'p99(delivery_latency) < 100ms',
        'messages_lost == 0',
        'p50(delivery_latency) < 9ms',
        'messages_lost == 3 during fault',
        'messages_lost{node=a} == 0',
      ],
    ],
    [
      'two with the same left side: both stand, as a range',
      ['messages_lost > 1', 'messages_lost < 5'],
      ['p99(delivery_latency) < 100ms', 'messages_lost > 1', 'messages_lost < 5'],
    ],
    [
      'a warning: replaces the default too',
      ['warn: messages_lost == 0'],
      ['p99(delivery_latency) < 100ms', 'warn: messages_lost == 0'],
    ],
  ])('%s', (_case, given, merged) => {
    expect(mergeThresholds(defaults, given).map(formatThreshold)).toEqual(merged)
  })
})
