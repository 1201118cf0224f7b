/** Reports to print and to validate in tests. */
import {Histogram} from '../../src/lib/metrics/histogram.js'
import type {MetricDefinition} from '../../src/lib/metrics/metric.js'
import {buildReport, type Evidence} from '../../src/lib/report/build-report.js'
import type {Report, ReportCurve, ReportFault} from '../../src/lib/report/schema.js'
import type {Finding} from '../../src/lib/verdict/finding.js'

export function finding(changes: Partial<Finding> & Pick<Finding, 'threshold' | 'metric'>): Finding {
  return {
    tags: {},
    phase: undefined,
    observed: 0,
    unit: 'count',
    bound: 0,
    samples: undefined,
    exposure: undefined,
    exposedTo: undefined,
    interval: undefined,
    margin: undefined,
    verdict: 'pass',
    warn: false,
    why: undefined,
    ...changes,
  }
}

const latency: MetricDefinition = {type: 'distribution', unit: 'ms', meaning: 'Due time to each receiver.'}
const lost: MetricDefinition = {type: 'counter', unit: 'count', meaning: 'Never delivered.', exposedTo: 'deliveries'}

function histogramOf(...values: number[]): Histogram {
  const histogram = new Histogram()
  for (const value of values) histogram.record(value)
  return histogram
}

export const passingFindings: readonly Finding[] = [
  finding({
    threshold: 'connections_established >= 50000',
    metric: 'connections_established',
    observed: 50_000,
    bound: 50_000,
    exposure: 50_000,
    exposedTo: 'connections',
    margin: 0,
  }),
  finding({
    threshold: 'p99(delivery_latency) < 100ms',
    metric: 'delivery_latency',
    observed: 38.24,
    unit: 'ms',
    bound: 100,
    samples: 4000,
    interval: [36.1, 41.9],
    margin: 0.6176,
  }),
  finding({threshold: 'messages_lost == 0', metric: 'messages_lost', exposure: 200_000, exposedTo: 'deliveries'}),
]

function evidence(changes: Partial<Evidence> = {}): Evidence {
  return {
    tool: {name: 'proofload', version: '0.1.0'},
    run: {id: 'a1b2c3d4', startedAt: new Date('2026-11-20T12:00:00Z'), durationMs: 41_200},
    plan: {drill: 'ws-flood', seed: 'k3x9m2'},
    target: {kind: 'practice', description: 'practice target, 3 nodes'},
    environment: {
      node: 'v20.20.2',
      os: 'linux 6.1',
      cpus: 2,
      memoryBytes: 8e9,
      services: {redis: 'redis-server 7.0.15', postgres: 'postgres 17.10'},
    },
    facts: {
      phases: [
        {name: 'ramp', startMs: 0, endMs: 10_200},
        {name: 'steady', startMs: 10_200, endMs: 30_200},
        {name: 'drain', startMs: 30_200, endMs: 32_400},
      ],
      series: {delivery_latency: {type: 'distribution', count: [2, 0], p50: [1, null], p99: [2, null], max: [2, null]}},
      generator: {
        workers: 4,
        eventLoopDelayP99Ms: 3.1,
        cpuShare: 0.41,
        gcShare: 0.02,
        waitShare: 0.05,
        startDelayP99Ms: 0.8,
        droppedArrivals: 0,
        rssBytes: 432_013_312,
        healthy: true,
      },
      evidence: {clock: 'one monotonic clock'},
    },
    checked: {
      metrics: {
        delivery_latency: {
          type: 'distribution',
          definition: latency,
          slices: [
            {phase: 'ramp', tags: {node: '1'}, histogram: histogramOf(1, 2), independent: 2},
            {phase: 'steady', tags: {node: '2'}, histogram: histogramOf(3, 4, 5), independent: 1},
          ],
        },
        messages_lost: {
          type: 'counter',
          definition: lost,
          slices: [{phase: 'steady', tags: {}, value: 0, exposure: 200_000}],
        },
      },
      doubts: [],
    },
    judged: {findings: passingFindings, verdict: 'pass', exitCode: 0},
    next: {
      ownSystem: 'proofload ws-flood --target wss://… --profile proofload.yaml',
      undecided: {what: 'a longer run decides what was too close or too few', flags: 'with a longer --duration'},
    },
    ...changes,
  }
}

export function sampleReport(changes: Partial<Evidence> = {}): Report {
  return buildReport(evidence(changes))
}

export function reportWithFaults(...faults: readonly ReportFault[]): Report {
  return sampleReport({facts: {...evidence().facts, faults}})
}

/** What a search found. */
export const CURVE: ReportCurve = {
  x: {name: 'users', unit: 'count'},
  columns: [
    {name: 'p99(delivery_latency)', unit: 'ms'},
    {name: 'lost', unit: 'share'},
  ],
  points: [
    {x: 6250, values: [12.5, 0], outcome: 'held'},
    {x: 12_500, values: [50, 0], outcome: 'held'},
    {x: 18_750, values: [null, null], outcome: 'strained', why: 'we were late'},
    {x: 25_000, values: [100, 0.125], outcome: 'broke', why: 'messages_lost == 0'},
  ],
  knee: '12,500 users held; 25,000 broke messages_lost == 0',
}

const SIDE = {seconds: 5, successesPerSecond: 2000, latencyP99Ms: 21.4, cutOff: 0, lost: 0}

/** A fault that cut users off and is over. */
export const FAULT: ReportFault = {
  label: 'net.down',
  name: 'net.down',
  text: 'net.down(proxy=target) at 5s for 3s',
  injectedAtMs: 15_200,
  revertedAtMs: 18_200,
  outcome: 'reverted',
  evidence: {droppedBytes: 4096},
  recovery: {state: 'seen', atMs: 20_000, afterMs: 1800},
  effect: {
    firstErrorMs: 0,
    outcomes: {ok: 2, failed: 590, unknown: 8},
    lost: 12,
    recovered: 12,
    duplicated: 0,
    returning: {
      cutOff: 200,
      attemptPeak100Ms: 59,
      attemptPeak1s: 354,
      back50Ms: 3070,
      back95Ms: 5470,
      back100Ms: null,
    },
    before: {...SIDE, outcomes: {ok: 1000, failed: 0, unknown: 0}},
    during: {
      ...SIDE,
      seconds: 3,
      successesPerSecond: 6.7,
      latencyP99Ms: null,
      cutOff: 200,
      lost: 12,
      outcomes: {ok: 2, failed: 590, unknown: 8},
    },
    after: {...SIDE, outcomes: {ok: 1990, failed: 0, unknown: 0}},
  },
}
