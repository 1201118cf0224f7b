/** Judges nothing yet: turns what a run brought home into metrics with their exposure, and into doubts. */
import {faultMeasurements, faultMetrics} from '../../faults/course/metrics.js'
import {generatorDoubts} from '../../load/generator.js'
import type {GaugeSlice, Metric, MetricDefinition, MetricSet} from '../../metrics/metric.js'
import {metricOf, type Reading} from '../../metrics/reading.js'
import type {Checked} from '../../verdict/finding.js'
import {kneeDoubts, mostHeld} from '../../verdict/knee.js'
import {backlogMetrics} from './backlog-metrics.js'
import type {MsgThroughputFacts} from './facts.js'
import {msgThroughputMetrics, type MetricName} from './metrics.js'
import type {MsgThroughputPlan} from './plan.js'
import {rateScale} from './rate-levels.js'
import {secondsOf} from './seconds-of.js'
import {storeMetrics} from './store-metrics.js'
import {transports} from './transports.js'

const READING: Reading<MetricName> = {
  catalogue: msgThroughputMetrics,
  exposure: {
    messages_acked: ['messages_published'],
    messages_refused: ['messages_published'],
    messages_unknown: ['messages_published'],
    messages_delivered: ['deliveries_expected'],
    deliveries_in_time: ['deliveries_expected'],
    messages_lost: ['deliveries_expected'],
    messages_recovered: ['messages_lost'],
    messages_duplicated: ['messages_delivered'],
    messages_redelivered: ['messages_delivered'],
    messages_reordered: ['messages_delivered'],
    messages_unexpected: ['messages_delivered', 'messages_duplicated', 'messages_unexpected'],
    dropped_arrivals: ['messages_published', 'dropped_arrivals'],
  },
  perReceiver: {distributions: ['delivery_latency', 'service_time'], messages: 'messages_published'},
}

/** Whoever is strained sends too late, which leaves less time to come out. */
const WORSENED: readonly MetricName[] = ['publish_rate', 'delivery_rate', 'backlog_slope']

/** Of what comes out while the run goes on; a transport that is read afterwards has none of it. */
const LIVE: readonly MetricName[] = ['delivery_rate', 'delivery_latency', 'service_time', 'deliveries_in_time']

export function check(plan: MsgThroughputPlan, facts: MsgThroughputFacts): Checked {
  const measured = Object.keys(msgThroughputMetrics) as MetricName[]
  const {live} = transports[plan.transport]
  const counted = measured.filter((name) => isCounted(name) && (live || !LIVE.includes(name)))
  const metrics: MetricSet = {
    ...Object.fromEntries(counted.map((name) => [name, metricOf(name, READING, facts)])),
    publish_rate: rate('publish_rate', 'messages_acked', facts),
    ...(live && {delivery_rate: rate('delivery_rate', 'deliveries_in_time', facts), ...backlogMetrics(facts)}),
    ...(facts.deepestQueue !== undefined && {queue_depth: gauge('queue_depth', [atAll(facts.deepestQueue)])}),
    ...storeMetrics(plan, facts),
    ...faultMeasurements(facts.faults),
    ...(facts.levels && foundBy(facts.levels)),
  }
  const doubts = [
    ...generatorDoubts(facts.generator, facts.deaths, WORSENED),
    ...kneeDoubts(facts.levels ?? [], rateScale),
  ]
  return {metrics, doubts}
}

/** What the workers told themselves, message by message. */
function isCounted(name: MetricName): boolean {
  const {type}: MetricDefinition = msgThroughputMetrics[name]
  const other = /^(publish_rate|delivery_rate|backlog|queue_|shard_|partition|archive_|max_rate)/
  return type !== 'share' && !Object.hasOwn(faultMetrics, name) && !other.test(name)
}

/** A count of each phase, over its length. */
function rate(
  name: MetricName,
  counter: MetricName,
  {measurements, phases, startedAtMs, lastDueMs}: MsgThroughputFacts,
): Metric {
  const endMs = lastDueMs - startedAtMs
  const loaded = phases.map((phase) => ({...phase, endMs: Math.max(phase.startMs, Math.min(phase.endMs, endMs))}))
  const lasting = [...secondsOf(loaded)].filter(([phase, seconds]) => phase !== 'drain' && seconds > 0)
  return gauge(
    name,
    lasting.map(([phase, seconds]) => ({phase, tags: {}, value: measurements.total(counter, {phase}) / seconds})),
  )
}

function foundBy(levels: NonNullable<MsgThroughputFacts['levels']>): MetricSet {
  const most = mostHeld(levels, rateScale)
  return most === undefined ? {} : {max_rate: gauge('max_rate', [atAll(most)])}
}

function atAll(value: number): GaugeSlice {
  return {phase: '', tags: {}, value}
}

function gauge(name: MetricName, slices: readonly GaugeSlice[]): Metric {
  return {type: 'gauge', definition: msgThroughputMetrics[name], slices}
}
