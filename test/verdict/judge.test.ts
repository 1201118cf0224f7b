import {describe, expect, it} from 'vitest'
import {Histogram} from '../../src/lib/metrics/histogram.js'
import type {
  CounterSlice,
  DistributionSlice,
  GaugeSlice,
  MetricSet,
  MissingValue,
  Phase,
  ShareSlice,
} from '../../src/lib/metrics/metric.js'
import type {Doubt, Finding} from '../../src/lib/verdict/finding.js'
import {judge} from '../../src/lib/verdict/judge.js'
import {parseThreshold} from '../../src/lib/verdict/threshold-parser.js'

const PHASES: readonly Phase[] = [
  {name: 'ramp', startMs: 0, endMs: 5000},
  {name: 'steady', startMs: 5000, endMs: 15_000},
  {name: 'fault', startMs: 15_000, endMs: 20_000},
  {name: 'drain', startMs: 20_000, endMs: 22_000},
]

type Judged = 'steady' | 'run'

function counter(slices: readonly CounterSlice[], exposedTo?: string, judged: Judged = 'steady'): MetricSet {
  const named = exposedTo === undefined ? {} : {exposedTo}
  return {m: {type: 'counter', definition: {type: 'counter', unit: 'count', meaning: '', judged, ...named}, slices}}
}

function gauge(...slices: readonly GaugeSlice[]): MetricSet {
  return {m: {type: 'gauge', definition: {type: 'gauge', unit: 'count', meaning: ''}, slices}}
}

function share(...slices: readonly ShareSlice[]): MetricSet {
  return {m: {type: 'share', definition: {type: 'share', unit: 'share', meaning: ''}, slices}}
}

function latency(...slices: readonly DistributionSlice[]): MetricSet {
  return {m: {type: 'distribution', definition: {type: 'distribution', unit: 'ms', meaning: ''}, slices}}
}

/** As many samples as wanted, spread evenly from 1 ms to `top`. */
function spread(count: number, top = 100, phase = 'steady', tags = {}): DistributionSlice {
  const histogram = new Histogram()
  for (let n = 1; n <= count; n++) histogram.record(1 + ((top - 1) * n) / count)
  return {phase, tags, histogram, independent: count}
}

const steady = {phase: 'steady', tags: {}}

function judgeAll(text: string, metrics: MetricSet, doubts: readonly Doubt[] = [], phases = PHASES): Finding[] {
  return judge([parseThreshold(text)], {metrics, doubts}, phases)
}

function judgeOne(text: string, metrics: MetricSet, doubts: readonly Doubt[] = [], phases = PHASES): Finding {
  const [finding, ...more] = judgeAll(text, metrics, doubts, phases)
  if (finding === undefined || more.length > 0) throw new Error('expected one finding')
  return finding
}

describe('counts and extremes are compared as they are', () => {
  it.each([
    ['m == 0', counter([{...steady, value: 0, exposure: 40_000}], 'deliveries'), 'pass', 0],
    ['m == 0', counter([{...steady, value: 3, exposure: 40_000}], 'deliveries'), 'fail', 3],
    ['m != 0', counter([{...steady, value: 3}]), 'pass', 3],
    ['m >= 50k', counter([{...steady, value: 50_000}]), 'pass', 50_000],
    ['m > 50k', counter([{...steady, value: 50_000}]), 'fail', 50_000],
    ['m <= 2', counter([{...steady, value: 2}]), 'pass', 2],
    ['max(m) < 100ms', latency(spread(10, 99)), 'pass', 99],
    ['max(m) < 99ms', latency(spread(10, 99)), 'fail', 99],
    ['min(m) > 0', latency(spread(10)), 'pass', 10.9],
    ['mean(m) < 51.1ms', latency(spread(99)), 'pass', 51],
    ['count(m) >= 10', latency(spread(10)), 'pass', 10],
    ['count(m) >= 1', latency(), 'fail', 0],
    ['max(m) <= 7', gauge({...steady, value: 7}, {...steady, value: 3}), 'pass', 7],
    ['min(m) >= 3', gauge({...steady, value: 7}, {...steady, value: 3}), 'pass', 3],
    ['mean(m) == 5', gauge({...steady, value: 7}, {...steady, value: 3}), 'pass', 5],
  ] as const)('%s', (text, metrics, verdict, observed) => {
    const finding = judgeOne(text, metrics)
    expect(finding).toMatchObject({verdict, threshold: text})
    expect(finding.observed).toBeCloseTo(observed, 6)
    expect(finding.interval).toBeUndefined()
  })

  it('takes a broken row for our own doing where our strain can only have made it worse, and a held one for held', () => {
    const strain = {name: 'cpu-share', why: 'busy', advice: '', spoils: 'latency', worsens: ['m']} as const
    const judged = (text: string) =>
      judge([parseThreshold(text)], {metrics: gauge({...steady, value: 7}), doubts: [strain]}, PHASES)[0]
    expect(judged('m < 5')).toMatchObject({verdict: 'inconclusive', why: expect.stringContaining('busy') as string})
    expect(judged('m < 9')).toMatchObject({verdict: 'pass'})
  })

  it.each([
    ['keeps it with its whole interval', [-2, 3], 1, 'pass', undefined],
    ['keeps it, and may lie beyond', [-2, 30], 1, 'inconclusive', /up to 30\b/],
    ['breaks it, and may lie within', [1, 30], 12, 'inconclusive', /down to 1\b/],
    ['breaks it with its whole interval', [11, 30], 12, 'fail', /12 breaks < 10/],
  ] as const)('an estimate over noise that %s', (_, interval, value, verdict, why) => {
    const judged = judgeOne('m < 10', gauge({...steady, value, interval}))
    expect(judged).toMatchObject({verdict, interval})
    if (why) expect(judged.why).toMatch(why)
  })

  it('judges the worst of several gauges', () => {
    const gauges = gauge({...steady, value: 7}, {...steady, value: 3})
    expect(['m < 9', 'm > 1', 'm == 3', 'm != 3'].map((text) => judgeOne(text, gauges).observed)).toEqual([7, 3, 7, 3])
  })

  it('says what a count was tried on', () => {
    const finding = judgeOne('m == 0', counter([{...steady, value: 3, exposure: 40_000}], 'deliveries'))
    expect(finding).toMatchObject({exposure: 40_000, exposedTo: 'deliveries', samples: undefined, why: '3 breaks == 0'})
  })
})

describe('a percentile is judged with its one-sided 95 % bound', () => {
  it.each([
    ['the estimate is broken', 'p99(m) < 90ms', 5000, 'fail', 'breaks < 90 ms'],
    ['both hold', 'p99(m) < 101ms', 5000, 'pass', undefined],
    ['the bound is broken', 'p90(m) < 91ms', 1000, 'inconclusive', 'too close to call on 1,000 samples'],
    ['the lower bound is broken', 'p50(m) > 50ms', 1000, 'inconclusive', 'down to'],
    ['the lower bound holds', 'p50(m) > 40ms', 1000, 'pass', undefined],
    [
      'there are too few for a bound',
      'p99(m) < 1s',
      298,
      'inconclusive',
      'too few samples: 298 samples, where 299 are needed',
    ],
    ['there are just enough for a bound', 'p99(m) < 1s', 299, 'pass', undefined],
    ['there is one sample', 'p50(m) < 1s', 1, 'inconclusive', 'too few samples: 1 sample, where 5 are needed'],
  ] as const)('%s', (_case, text, samples, verdict, why) => {
    const finding = judgeOne(text, latency(spread(samples)))
    expect(finding).toMatchObject({verdict, samples, unit: 'ms'})
    expect(finding.why ?? '').toContain(why ?? '')
  })

  it('carries the two-sided interval, which encloses the estimate', () => {
    const {interval, observed} = judgeOne('p90(m) < 1s', latency(spread(1000)))
    expect(interval?.[0]).toBeLessThan(observed ?? NaN)
    expect(interval?.[1]).toBeGreaterThan(observed ?? NaN)
  })

  it('counts messages, not the receivers of one message', () => {
    const slice = spread(5000)
    expect(judgeOne('p99(m) < 1s', latency({...slice, independent: 100}))).toMatchObject({
      verdict: 'inconclusive',
      samples: 5000,
    })
  })

  it('merges its slices, however they are tagged', () => {
    const metrics = latency(spread(500, 10, 'steady', {node: 'a'}), spread(500, 1000, 'steady', {node: 'b'}))
    expect(judgeOne('p99(m) < 100ms', metrics)).toMatchObject({samples: 1000, verdict: 'fail'})
    expect(judgeOne('p99(m{node=a}) < 100ms', metrics)).toMatchObject({
      samples: 500,
      verdict: 'pass',
      tags: {node: 'a'},
    })
  })
})

describe('a share is judged with its exact one-sided bound', () => {
  it.each([
    ['m < 1%', 0, 299, 'pass'],
    ['m < 1%', 0, 298, 'inconclusive'],
    ['m < 1%', 1, 299, 'inconclusive'],
    ['m < 1%', 3, 299, 'fail'],
    ['m >= 99%', 1000, 1000, 'pass'],
    ['m >= 99%', 995, 1000, 'inconclusive'],
    ['m == 0', 0, 10, 'pass'],
    ['m <= 0%', 0, 10, 'pass'],
    ['m <= 0%', 1, 10, 'fail'],
    ['m >= 100%', 10, 10, 'pass'],
  ] as const)('%s with %d of %d: %s', (text, hits, trials, verdict) => {
    expect(judgeOne(text, share({...steady, hits, trials}))).toMatchObject({
      verdict,
      samples: trials,
      observed: hits / trials,
    })
  })

  it('sums hits and trials, so that large parts weigh more', () => {
    const metrics = share({...steady, hits: 1, trials: 1}, {...steady, hits: 0, trials: 999})
    expect(judgeOne('m < 5%', metrics).observed).toBe(0.001)
  })
})

describe('where nothing was tried, nothing was shown', () => {
  it.each([
    [
      'a count of no exposure',
      'm == 0',
      counter([{...steady, value: 0, exposure: 0}], 'deliveries'),
      'nothing was tried: 0 deliveries',
    ],
    ['an exposed count without a slice', 'm == 0', counter([], 'deliveries'), 'nothing was tried: 0 deliveries'],
    [
      'a rate of no exposure',
      'rate(m) >= 1/s',
      counter([{...steady, value: 0, exposure: 0}], 'calls'),
      'nothing was tried',
    ],
    ['a share of no trials', 'm < 1%', share({...steady, hits: 0, trials: 0}), 'nothing was tried'],
    ['a percentile of no samples', 'p99(m) < 1s', latency(), 'there are no samples'],
    ['a maximum of no samples', 'max(m) < 1s', latency(spread(9, 9, 'ramp')), 'there are no samples'],
    ['a gauge without a value', 'm < 1', gauge(), 'no value was taken'],
    [
      'a phase that never came',
      'm == 0 during recovery',
      counter([{...steady, value: 0}]),
      "the run had no phase 'recovery'",
    ],
    ['a metric that was not measured', 'm == 0', {}, 'it was not measured'],
  ] as const)('%s', (_case, text, metrics, why) => {
    const finding = judgeOne(text, metrics)
    expect(finding.verdict).toBe('inconclusive')
    expect(finding.why).toContain(why)
  })

  it('guesses the unit of a metric that was not measured from the bound', () => {
    expect(judgeOne('p99(m) < 1s', {})).toMatchObject({unit: 'ms', bound: 1000, observed: undefined, margin: undefined})
  })

  it('takes a counter that never counted as zero, when it is exposed to nothing countable', () => {
    expect(judgeOne('m == 0', counter([]))).toMatchObject({verdict: 'pass', observed: 0, exposure: undefined})
  })
})

describe('the judged phases', () => {
  const everywhere = [
    {phase: '', tags: {}, value: 1},
    {phase: 'ramp', tags: {}, value: 10},
    {phase: 'steady', tags: {}, value: 100},
    {phase: 'fault', tags: {}, value: 1000},
    {phase: 'drain', tags: {}, value: 10_000},
  ]
  const noSteady = PHASES.filter(({name}) => name !== 'steady')
  it.each([
    ['are the steady ones', 'm == 0', 'steady', PHASES, 100],
    ['are all but the drain in a run that was never steady', 'm == 0', 'steady', noSteady, 1111],
    ['are the whole run for a metric that asks for it', 'm == 0', 'run', PHASES, 11_111],
    ['are the one that is named', 'm == 0 during fault', 'steady', PHASES, 1000],
    ['are the one that is named, also for such a metric', 'm == 0 during ramp', 'run', PHASES, 10],
    ['are all but the drain in a run without phases', 'm == 0', 'steady', [], 1111],
  ] as const)('%s', (_case, text, judged, phases, observed) => {
    expect(judgeOne(text, counter(everywhere, undefined, judged), [], phases).observed).toBe(observed)
  })

  it('are the whole run for what belongs to no phase', () => {
    expect(judgeOne('m == 7', counter([{phase: '', tags: {}, value: 7}])).verdict).toBe('pass')
  })

  it('may come several times under one name', () => {
    const phases = [...PHASES, {name: 'steady', startMs: 30_000, endMs: 40_000}]
    expect(judgeOne('rate(m) >= 5/s', counter(everywhere), [], phases).observed).toBe(5)
  })

  it.each([
    ['rate(m) >= 10/s', 'steady', 10],
    ['rate(m) >= 10/s during fault', 'steady', 200],
    ['rate(m) >= 10/s', 'run', 11_111 / 22],
  ] as const)('are what a rate is divided by: %s of the %s', (text, judged, observed) => {
    expect(judgeOne(text, counter(everywhere, undefined, judged))).toMatchObject({
      observed,
      unit: 'perSecond',
      verdict: 'pass',
    })
  })

  it('must take some time for a rate', () => {
    const phases = [{name: 'steady', startMs: 5, endMs: 5}]
    expect(judgeOne('rate(m) >= 1/s', counter(everywhere), [], phases).verdict).toBe('inconclusive')
  })
})

describe('tags', () => {
  const errors = counter(
    [
      {...steady, value: 0, exposure: 1000},
      {phase: 'steady', tags: {reason: 'timeout'}, value: 2},
      {phase: 'steady', tags: {reason: 'refused', node: 'b'}, value: 5},
      {phase: 'ramp', tags: {reason: 'reset'}, value: 9},
    ],
    'connections',
  )

  it('are summed when none is asked for', () => {
    expect(judgeOne('m == 0', errors)).toMatchObject({observed: 7, exposure: 1000})
  })

  it('pick one value, on the exposure of what is not told apart', () => {
    expect(judgeOne('m{reason=timeout} < 3', errors)).toMatchObject({observed: 2, exposure: 1000, verdict: 'pass'})
  })

  it('count zero for a value that never occurred', () => {
    expect(judgeOne('m{reason=tls} == 0', errors)).toMatchObject({observed: 0, exposure: 1000, verdict: 'pass'})
  })

  it('make one row for each value that occurred in the judged phases', () => {
    expect(judgeAll('m{reason=*} < 3', errors).map(({threshold, observed}) => [threshold, observed])).toEqual([
      ['m{reason=refused} < 3', 5],
      ['m{reason=timeout} < 3', 2],
    ])
  })

  it('make one row for each combination', () => {
    expect(judgeAll('m{node=*,reason=*} < 3', errors).map(({tags}) => tags)).toEqual([{node: 'b', reason: 'refused'}])
  })

  it('keep one row when no value occurred', () => {
    const none = counter([{...steady, value: 0, exposure: 1000}], 'connections')
    expect(judgeAll('m{reason=*} == 0', none)).toMatchObject([{tags: {reason: '*'}, observed: 0, verdict: 'pass'}])
  })
})

describe('a doubt', () => {
  const doubt = (spoils: Doubt['spoils']): Doubt => ({
    name: 'loop-delay',
    why: 'we were slow',
    advice: 'add workers',
    spoils,
  })
  const count = counter([{...steady, value: 0}])
  it.each([
    ['of everything spoils a count', 'm == 0', count, 'all', 'inconclusive'],
    ['of latency leaves a count alone', 'm == 0', count, 'latency', 'pass'],
    ['of latency spoils a percentile', 'p50(m) < 1s', latency(spread(99)), 'latency', 'inconclusive'],
    ['of latency spoils a maximum', 'max(m) < 1s', latency(spread(99)), 'latency', 'inconclusive'],
    ['of latency spoils what would fail, too', 'max(m) < 1ms', latency(spread(99)), 'latency', 'inconclusive'],
    ['of named metrics spoils those', 'm == 0', count, ['x', 'm'], 'inconclusive'],
    ['of named metrics leaves others alone', 'm == 0', count, ['x'], 'pass'],
  ] as const)('%s', (_case, text, metrics, spoils, verdict) => {
    const finding = judgeOne(text, metrics, [doubt(spoils)])
    expect(finding.verdict).toBe(verdict)
    expect(finding.why).toBe(verdict === 'pass' ? undefined : 'in doubt: we were slow (loop-delay)')
  })

  it('leaves the figures to be read', () => {
    expect(judgeOne('max(m) < 1s', latency(spread(99)), [doubt('all')])).toMatchObject({observed: 100, margin: 0.9})
  })
})

describe('the margin', () => {
  it.each([
    ['m < 200', 100, 0.5],
    ['m < 200', 300, -0.5],
    ['m >= 200', 300, 0.5],
    ['m >= 200', 100, -0.5],
    ['m == 200', 200, 0],
    ['m == 200', 300, -0.5],
    ['m != 200', 300, 0.5],
    ['m == 0', 0, 0],
    ['m == 0', 3, undefined],
  ] as const)('of %s at %d is %s', (text, value, margin) => {
    expect(judgeOne(text, counter([{...steady, value}])).margin).toBe(margin)
  })
})

it('keeps a warning a warning, and names the threshold without it', () => {
  expect(judgeOne('warn: m == 0', counter([{...steady, value: 1}]))).toMatchObject({
    warn: true,
    verdict: 'fail',
    threshold: 'm == 0',
  })
})

it('yields findings in the order of the thresholds', () => {
  const metrics = counter([{...steady, value: 1}])
  const findings = judge(['m > 0', 'm < 5', 'm == 1'].map(parseThreshold), {metrics, doubts: []}, PHASES)
  expect(findings.map(({threshold}) => threshold)).toEqual(['m > 0', 'm < 5', 'm == 1'])
})

it('a slowdown of more than all is judged, and left open where it was not measured', () => {
  const definition = {type: 'gauge', unit: 'share', meaning: '', beyondAll: true} as const
  const slowdown: MetricSet = {m: {type: 'gauge', definition, slices: [{phase: 'steady', tags: {}, value: 1.4}]}}
  expect(judgeOne('m < 150%', slowdown)).toMatchObject({verdict: 'pass', bound: 1.5})
  expect(judgeOne('m < 120%', slowdown)).toMatchObject({verdict: 'fail'})
  expect(judgeOne('m < 150%', {})).toMatchObject({verdict: 'inconclusive', unit: 'share'})
})

describe('a value that could not be taken', () => {
  const place = {phase: '', tags: {fault: 'a'}}
  const other = {phase: '', tags: {fault: 'b'}}
  const missing = (...absent: readonly MissingValue[]): MetricSet => ({
    m: {
      type: 'gauge',
      definition: {type: 'gauge', unit: 'ms', meaning: '', judged: 'run', tags: ['fault']},
      slices: [{...other, value: 10}],
      missing: absent,
    },
  })

  it.each([
    ['leaves the threshold open, and says why', {why: 'too short'}, 'm{fault=a} < 30ms', 'inconclusive', 'too short'],
    ['that is known to be too much breaks it', {why: 'too short', atLeast: 40}, 'm{fault=a} < 30ms', 'fail', '40 ms'],
    [
      'that is at least something within the bound leaves it open',
      {why: 'too short', atLeast: 20},
      'm{fault=a} < 30ms',
      'inconclusive',
      'too short',
    ],
    ['leaves what is asked of all open', {why: 'too short'}, 'm < 30ms', 'inconclusive', 'too short'],
    ['does not save what is broken elsewhere', {why: 'too short'}, 'm < 5ms', 'fail', '10 ms'],
  ])('%s', (_what, absent, text, verdict, why) => {
    const finding = judgeOne(text, missing({...place, ...absent}))
    expect(finding).toMatchObject({verdict, why: expect.stringContaining(why) as string})
  })

  it.each([
    ['because there is nothing to take it of keeps what is promised of each', 'm{fault=a} < 30ms', 'pass'],
    ['because of that says nothing of the largest', 'max(m{fault=a}) < 30ms', 'inconclusive'],
    ['because of that says nothing of others', 'm{fault=c} < 30ms', 'inconclusive'],
    ['because of that does not save what is broken elsewhere', 'm < 5ms', 'fail'],
  ])('%s', (_what, text, verdict) => {
    const absent = {...place, why: 'there is none', vacuous: true}
    expect(judgeOne(text, missing(absent))).toMatchObject({verdict})
  })

  it('because there is nothing to take it of is open beside one that is not known', () => {
    const both = missing({...place, why: 'there is none', vacuous: true}, {...place, why: 'too short'})
    expect(judgeOne('m{fault=a} < 30ms', both)).toMatchObject({verdict: 'inconclusive'})
    const [alone] = judgeAll('m{fault=a} < 30ms', missing({...place, why: 'there is none', vacuous: true}))
    expect(alone).toMatchObject({verdict: 'pass', observed: undefined, why: 'there is none'})
  })

  it('has a row of its own', () => {
    const findings = judgeAll('m{fault=*} < 30ms', missing({...place, why: 'too short'}))
    expect(findings.map(({tags, verdict}) => [tags['fault'], verdict])).toEqual([
      ['a', 'inconclusive'],
      ['b', 'pass'],
    ])
  })
})

describe('what was exposed throughout', () => {
  const cut = counter(
    [
      {phase: 'steady', tags: {}, value: 0},
      {phase: 'fault', tags: {}, value: 5},
      {phase: '', tags: {}, value: 0, exposure: 100},
    ],
    'connections',
    'run',
  )

  it.each([
    ['m == 0', 'fail', 5],
    ['m == 0 during steady', 'pass', 0],
    ['m <= 5 during fault', 'pass', 5],
  ])('is what any phase was tried on: %s', (text, verdict, observed) => {
    expect(judgeOne(text, cut)).toMatchObject({verdict, observed, exposure: 100, exposedTo: 'connections'})
  })
})
