import {describe, expect, test} from 'vitest'
import {backlogMetrics} from '../../../src/lib/drills/msg-throughput/backlog-metrics.js'
import {storeMetrics} from '../../../src/lib/drills/msg-throughput/store-metrics.js'
import {msgThroughput} from '../../../src/lib/drills/msg-throughput/index.js'
import type {MsgThroughputInput} from '../../../src/lib/drills/msg-throughput/input.js'
import {Measurements} from '../../../src/lib/metrics/measurements.js'
import {judge} from '../../../src/lib/verdict/judge.js'
import {parseThreshold} from '../../../src/lib/verdict/threshold-parser.js'
import type {MetricSet} from '../../../src/lib/metrics/metric.js'
import {littleThroughput} from './input.js'

const PHASES = [
  {name: 'ramp', startMs: 0, endMs: 2000},
  {name: 'steady', startMs: 2000, endMs: 12_000},
]

function verdictOf(rule: string, metrics: MetricSet) {
  const [finding] = judge([parseThreshold(rule)], {metrics, doubts: []}, PHASES)
  return [finding?.verdict, finding?.observed] as const
}

describe('the backlog', () => {
  const backlog = (values: readonly (number | null)[]): MetricSet =>
    backlogMetrics({phases: PHASES, series: {backlog: {type: 'gauge', value: values}}})
  const steadily = (grows: (second: number) => number): readonly (number | null)[] =>
    Array.from({length: 12}, (_, second) => grows(second))

  test('that stands has no slope', () => {
    expect(verdictOf('backlog_slope < 100/s', backlog(steadily((s) => 200 + (s % 3))))[0]).toBe('pass')
  })

  test('that grows is told by how much', () => {
    expect(verdictOf('backlog_slope < 100/s', backlog(steadily((s) => 5000 * s)))).toEqual(['fail', 5000])
  })

  test('is not moved by one wild second', () => {
    expect(verdictOf('backlog_slope < 100/s', backlog(steadily((s) => (s === 7 ? 90_000 : 200))))[0]).toBe('pass')
  })

  test('is judged on the steady phase alone: while the rate rises it grows of course', () => {
    expect(verdictOf('backlog_slope < 100/s', backlog([0, 9000, ...steadily(() => 9000).slice(2)]))[0]).toBe('pass')
  })

  test('has no slope on less than five seconds', () => {
    const short = backlogMetrics({
      phases: [{name: 'steady', startMs: 0, endMs: 4000}],
      series: {backlog: {type: 'gauge', value: [1, 2, 3, 4]}},
    })
    expect(verdictOf('backlog_slope < 100/s', short)[0]).toBe('inconclusive')
  })

  test('tells the most that was under way', () => {
    expect(verdictOf('backlog < 50', backlog(steadily((s) => s * 10)))).toEqual(['fail', 110])
  })
})

describe('the stores', () => {
  async function metrics(changes: Partial<MsgThroughputInput>, stores: Parameters<typeof storeMetrics>[1]['stores']) {
    const plan = msgThroughput.plan(await littleThroughput(changes))
    return storeMetrics(plan, {stores, archive: undefined, measurements: new Measurements()})
  }

  test('that are evenly used are balanced', async () => {
    const set = await metrics({rooms: 310, rate: 400}, {shards: [510, 490]})
    expect(verdictOf('shard_imbalance < 20%', set)).toEqual(['pass', expect.closeTo(0.02)])
  })

  test('of which one is hot are not', async () => {
    const set = await metrics({rooms: 310, rate: 400}, {shards: [900, 50, 50]})
    expect(verdictOf('shard_imbalance < 20%', await metrics({rooms: 700}, {shards: [900, 50, 50]}))[0]).toBe('fail')
    expect(verdictOf('shard_imbalance < 20%', set)[0]).toBe('inconclusive')
  })

  test('that hold nothing of the run prove nothing', async () => {
    expect(verdictOf('shard_imbalance < 20%', await metrics({rooms: 310}, {shards: [0, 0]}))[0]).toBe('inconclusive')
  })

  test('that could not be read say why', async () => {
    const set = await metrics({rooms: 310}, {shards: [], trouble: 'permission denied'})
    expect(judge([parseThreshold('shard_imbalance < 20%')], {metrics: set, doubts: []}, PHASES)[0]?.why).toMatch(
      /permission denied/,
    )
  })

  test('tell partitions that were missing, rows that lie wrong, and the dip at a switch', async () => {
    const facts = {
      partitions: [{name: 'p0', fromMs: 0, toMs: 1000, madeAtMs: -5, rows: 40, firstRowAtMs: 1}],
      misplaced: 2,
      missing: [{name: 'p1', dueAtMs: 1000, madeAtMs: 1500}],
      medianRate: 100,
      rateAtSwitch: [{atMs: 1000, before: 100, after: 40}],
    }
    const set = await metrics(
      {transport: 'postgres', targets: ['postgres://127.0.0.1/a', 'postgres://127.0.0.1/b'], partitions: 2},
      {shards: [20, 20], partitions: [facts]},
    )
    expect(verdictOf('partitions_missing == 0', set)).toEqual(['fail', 1])
    expect(verdictOf('partition_misplaced == 0', set)).toEqual(['fail', 2])
    expect(verdictOf('partition_switch_dip < 50%', set)).toEqual(['fail', 0.6])
  })
})
