import {describe, expect, test} from 'vitest'
import {paintFor} from '../../src/lib/report/paint.js'
import {renderTable} from '../../src/lib/report/table.js'
import type {Doubt} from '../../src/lib/verdict/finding.js'
import {finding, passingFindings, sampleReport} from './sample.js'

const doubt: Doubt = {
  name: 'event-loop-delay',
  why: 'the event loop of a worker was held up for 120 ms at p99, which may show up as latency of the target',
  advice: 'add workers (--workers 3) or use a machine with more cores',
  spoils: 'latency',
}

const mixed = [
  ...passingFindings,
  finding({
    threshold: 'messages_reordered == 0',
    metric: 'messages_reordered',
    observed: 12,
    exposure: 200_000,
    exposedTo: 'deliveries',
    verdict: 'fail',
    why: '12 is not 0',
  }),
  finding({
    threshold: 'p99(http_latency) < 1s during recovery',
    metric: 'http_latency',
    phase: 'recovery',
    observed: 998.2,
    unit: 'ms',
    bound: 1000,
    samples: 80,
    margin: 0.0018,
    verdict: 'inconclusive',
    why: 'too close: run longer',
  }),
  finding({
    threshold: 'http_error_rate < 1%',
    metric: 'http_error_rate',
    unit: 'share',
    bound: 0.01,
    samples: 1000,
    interval: [0, 0.0037],
    margin: 1,
  }),
  finding({
    threshold: 'handshake_errors < 2%',
    metric: 'handshake_errors',
    observed: 0.034,
    unit: 'share',
    bound: 0.02,
    samples: 500,
    margin: -0.7,
    verdict: 'fail',
    warn: true,
    why: '3.40 % is not below 2 %',
  }),
  finding({
    threshold: 'users_unproven == 0',
    metric: 'users_unproven',
    observed: undefined,
    verdict: 'inconclusive',
    why: 'nothing was tried',
  }),
]

const failing = sampleReport({
  checked: {metrics: {}, doubts: [doubt]},
  judged: {findings: mixed, verdict: 'fail', exitCode: 99},
})

test('a passing report shows the thresholds first and the verdict last', () => {
  expect(renderTable(sampleReport())).toMatchInlineSnapshot(`
    "
    Threshold                Target     Observed Tried on               Margin  Verdict
    connections_established  >= 50,000    50,000 of 50,000 connections     0 %  pass
    p99(delivery_latency)    < 100 ms    38.2 ms of 4,000 samples        +61 %  pass
    messages_lost            == 0              0 of 200,000 deliveries          pass

    Target     practice target, 3 nodes · redis-server 7.0.15 · postgres 17.10
    Phases     ramp 10.2 s · steady 20 s · drain 2.20 s
    Generator  4 workers · delay p99: event loop 3.1 ms, start 800 µs · cpu 41 % · 0 dropped · 412 MiB

    Next       a system of your own: proofload ws-flood --target wss://… --profile proofload.yaml

    PASS  3 of 3 thresholds held · seed k3x9m2 · 41.2 s
    "
  `)
})

test('a failing report says why each row is not a pass, what to doubt and what to try', () => {
  expect(renderTable(failing)).toMatchInlineSnapshot(`
    "
    Threshold                Target     Observed Tried on                      Margin  Verdict
    connections_established  >= 50,000    50,000 of 50,000 connections            0 %  pass
    p99(delivery_latency)    < 100 ms    38.2 ms of 4,000 samples               +61 %  pass
    messages_lost            == 0              0 of 200,000 deliveries                 pass
    messages_reordered       == 0             12 of 200,000 deliveries                 FAIL
    p99(http_latency)        < 1 s        998 ms of 80 samples                +0.18 %  inconclusive
      during recovery
    http_error_rate          < 1 %           0 % of 1,000 samples (< 0.30 %)   +100 %  pass
    handshake_errors         < 2 %        3.40 % of 500 samples                 −70 %  warn
    users_unproven           == 0              –                                       inconclusive

    ✗ messages_reordered == 0: 12 is not 0
    ? p99(http_latency) < 1s during recovery: too close: run longer
    ? handshake_errors < 2%: 3.40 % is not below 2 %
    ? users_unproven == 0: nothing was tried

    Target     practice target, 3 nodes · redis-server 7.0.15 · postgres 17.10
    Phases     ramp 10.2 s · steady 20 s · drain 2.20 s
    Generator  4 workers · delay p99: event loop 3.1 ms, start 800 µs · cpu 41 % · 0 dropped · 412 MiB
    Doubt      the event loop of a worker was held up for 120 ms at p99, which may show up as latency of
               the target; add workers (--workers 3) or use a machine with more cores

    Next       the same choices again: the same flags and --seed k3x9m2
               the figures of every second, and all evidence: --out json=report.json

    FAIL  1 of 7 thresholds broken: messages_reordered · seed k3x9m2 · 41.2 s
    "
  `)
})

test('a row that passes without a figure says why', () => {
  const why = 'no query is slow: there is nothing to prove'
  const findings = [
    finding({threshold: 'workload_speedup >= 50%', metric: 'workload_speedup', observed: undefined, why}),
  ]
  const [row, reason] = renderTable(sampleReport({judged: {findings, verdict: 'pass', exitCode: 0}}))
    .split('\n')
    .filter((line) => line.includes('workload_speedup'))
  expect(row).toMatch(/ – .* pass$/)
  expect(reason).toBe(`✓ workload_speedup >= 50%: ${why}`)
})

test('nothing is wider than 100 columns', () => {
  const lines = renderTable(failing).split('\n')
  expect(lines.filter((line) => line.length > 100)).toEqual([])
})

test('colours are only styles: without them the text is the same', () => {
  const coloured = renderTable(failing, paintFor(true))
  expect(coloured).toContain('\u001B[')
  // eslint-disable-next-line no-control-regex -- Escape sequences begin with a control character.
  expect(coloured.replaceAll(/\u001B\[[\d;]*m/g, '')).toBe(renderTable(failing, paintFor(false)))
})

test.each([
  [
    'one of several broken',
    {verdict: 'fail', exitCode: 99} as const,
    mixed,
    'FAIL  1 of 7 thresholds broken: messages_reordered',
  ],
  [
    'several undecided',
    {verdict: 'inconclusive', exitCode: 98} as const,
    mixed.filter(({metric}) => metric !== 'messages_reordered'),
    'INCONCLUSIVE  2 of 6 thresholds could not be decided: http_latency, users_unproven',
  ],
  [
    'no thresholds at all',
    {verdict: 'inconclusive', exitCode: 98} as const,
    [],
    'INCONCLUSIVE  0 of 0 thresholds held, yet the run proves nothing',
  ],
])('the last line tells of %s', (_case, verdict, findings, expected) => {
  const report = sampleReport({judged: {findings, ...verdict}})
  expect(renderTable(report).trimEnd().split('\n').at(-1)).toBe(`${expected} · seed k3x9m2 · 41.2 s`)
})

describe('what to try next', () => {
  const next = {
    ownSystem: 'proofload db-explain --target postgres://…',
    undecided: {what: 'a copy proves it', flags: 'with --copy'},
  }
  const nextOf = (changes: Parameters<typeof sampleReport>[0]) =>
    /^Next +(.*)$/m.exec(renderTable(sampleReport({next, ...changes})))?.[1]
  const undecided = {findings: [], verdict: 'inconclusive', exitCode: 98} as const

  test('is the drill’s own advice where nothing was decided', () =>
    expect(nextOf({judged: undecided})).toBe('a copy proves it: the same flags and --seed k3x9m2, with --copy'))

  test('is a system of one’s own after the practice target, and nothing after that', () => {
    expect(nextOf({})).toBe('a system of your own: proofload db-explain --target postgres://…')
    expect(nextOf({target: {kind: 'external', description: 'x'}})).toBeUndefined()
  })
})

test('an interrupted run says so', () => {
  const run = {id: 'a1b2c3d4', startedAt: new Date(0), durationMs: 4000, interruptedBy: 'SIGINT'}
  expect(renderTable(sampleReport({run}))).toContain('· 4 s · interrupted by SIGINT')
})
