/** Everything that msg-throughput can report. */
import {faultMetrics} from '../../faults/course/metrics.js'
import type {VitalSigns} from '../../faults/course/vital-signs.js'
import {generatorMetrics} from '../../load/health.js'
import {count, time} from '../../metrics/define.js'
import type {MetricCatalogue, MetricDefinition} from '../../metrics/metric.js'

function gauge(
  unit: MetricDefinition['unit'],
  meaning: string,
  more: Partial<MetricDefinition> = {},
): MetricDefinition {
  return {type: 'gauge', unit, known: 'end', meaning, ...more}
}

export const msgThroughputMetrics = {
  publish_rate: gauge('perSecond', 'messages that were accepted, for each second in which they were due'),
  delivery_rate: gauge(
    'perSecond',
    'deliveries that came out until one second after the load, for each second in which they were due',
  ),
  setup_requests: count("requests of the profile's set-up that were carried out before the load"),
  logins: count('tokens that were fetched or made before the load'),
  messages_published: count('messages sent'),
  messages_acked: count('messages that the target confirmed', {exposedTo: 'messages'}),
  messages_refused: count('messages that the target turned down', {exposedTo: 'messages', tags: ['reason']}),
  messages_unknown: count('messages whose outcome stayed open: no answer in time, or the connection was lost', {
    exposedTo: 'messages',
    tags: ['reason'],
  }),
  deliveries_expected: count('seats that were there throughout × accepted messages', {known: 'end'}),
  messages_delivered: count('deliveries that came out for the first time', {exposedTo: 'deliveries'}),
  deliveries_in_time: count('of them, those until one second after the load', {exposedTo: 'deliveries'}),
  messages_lost: count('deliveries of accepted messages that never came out', {
    exposedTo: 'deliveries',
    known: 'end',
  }),
  messages_recovered: count('of the lost ones, those that the history holds', {
    exposedTo: 'lost deliveries',
    known: 'end',
  }),
  messages_duplicated: count('deliveries that came out once more', {exposedTo: 'deliveries'}),
  messages_redelivered: count(
    'deliveries that came out once more and were marked so, because the acknowledgement of the first was lost',
    {exposedTo: 'deliveries'},
  ),
  messages_reordered: count('deliveries that came out after a later one of the same sender and room', {
    exposedTo: 'deliveries',
  }),
  messages_unexpected: count('deliveries of the wrong room, never sent, or turned down', {exposedTo: 'deliveries'}),
  publish_latency: time('from when a message was due until the target confirmed it'),
  delivery_latency: time('from when a message was due until it came out at each seat'),
  service_time: time('from when a message was really sent until it came out at each seat'),
  start_delay: time('how much later than due we sent'),
  dropped_arrivals: count('messages that were due while there was no way to send them', {exposedTo: 'arrivals'}),
  connection_errors: count('connections that were lost or refused', {tags: ['reason']}),
  backlog: gauge('count', 'deliveries under way: published and not yet come out; the most at the end of a second', {
    known: 'live',
  }),
  backlog_slope: gauge('perSecond', 'by how much the backlog grew each second (Theil-Sen, with its 95 % interval)'),
  queue_depth: gauge('count', 'messages that wait in the transport, as it tells itself; the most that was seen'),
  shard_imbalance: gauge('share', 'messages on the fullest shard above the mean of all shards', {
    judged: 'run',
    beyondAll: true,
  }),
  partitions_missing: count('partitions that were needed before they existed', {
    exposedTo: 'partitions',
    known: 'end',
  }),
  partition_misplaced: count('rows that lie outside of the partition of their time', {
    exposedTo: 'rows',
    known: 'end',
  }),
  partition_switch_dip: gauge(
    'share',
    'by how much the insert rate fell below its median in the second after a partition began; the worst',
    {judged: 'run'},
  ),
  archive_missing: count('accepted messages that the archive does not hold in time', {
    exposedTo: 'messages',
    known: 'end',
  }),
  archive_lag: gauge('ms', 'from when the last message was due until the archive held all', {judged: 'run'}),
  max_rate: gauge('perSecond', 'the highest rate at which every threshold held (only with --find-max)', {
    judged: 'run',
  }),
  ...faultMetrics,
  ...generatorMetrics,
} as const satisfies MetricCatalogue

export type MetricName = keyof typeof msgThroughputMetrics

/** By these recovery from a fault is told. */
export const vitalSigns: VitalSigns = {
  successes: 'messages_delivered',
  latency: 'delivery_latency',
  cutOff: 'connection_errors',
}

/** What the thresholds under faults need to know of them. */
export const underFaults = {lost: 'messages_lost', disturbed: ['dropped_arrivals']} as const
