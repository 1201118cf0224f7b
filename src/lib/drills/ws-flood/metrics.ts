/** Everything that ws-flood can report. */
import {faultMetrics} from '../../faults/course/metrics.js'
import type {VitalSigns} from '../../faults/course/vital-signs.js'
import {generatorMetrics} from '../../load/health.js'
import {count, time} from '../../metrics/define.js'
import type {MetricCatalogue} from '../../metrics/metric.js'

export const wsFloodMetrics = {
  setup_requests: count("requests of the profile's set-up that were carried out before the load"),
  logins: count('tokens that were fetched or made before the load'),
  connections_requested: count('users that the plan asks for', {known: 'end'}),
  connections_established: count('users that got into their room', {exposedTo: 'users'}),
  connection_errors: count('attempts to connect that failed', {exposedTo: 'attempts', tags: ['reason']}),
  connect_latency: time('from when a connection was due until its user was in the room', {judged: 'run'}),
  connect_rate: {
    type: 'gauge',
    unit: 'perSecond',
    judged: 'run',
    known: 'end',
    meaning: 'users established a second while ramping up',
  },
  unexpected_disconnects: count('connections that ended without our doing', {
    exposedTo: 'connections',
    tags: ['reason'],
  }),
  reconnects: count('users that came back into their room'),
  protocol_errors: count('frames that broke the protocol or reported an error', {tags: ['reason']}),
  messages_published: count('messages sent'),
  messages_acked: count('messages that the target confirmed', {exposedTo: 'messages'}),
  messages_refused: count('messages that the target turned down', {exposedTo: 'messages'}),
  messages_unknown: count('messages whose outcome stayed open: no ack in time, or the connection closed', {
    exposedTo: 'messages',
  }),
  deliveries_expected: count('members in the room throughout × accepted messages', {known: 'end'}),
  messages_delivered: count('deliveries that arrived live and for the first time', {exposedTo: 'deliveries'}),
  messages_lost: count('deliveries of accepted messages that never arrived live', {
    exposedTo: 'deliveries',
    known: 'end',
  }),
  messages_recovered: count('of the lost ones, those that the history holds', {
    exposedTo: 'lost deliveries',
    known: 'end',
  }),
  messages_duplicated: count('deliveries that arrived once more', {exposedTo: 'deliveries'}),
  messages_reordered: count('deliveries that arrived after a later one of the same sender', {exposedTo: 'deliveries'}),
  messages_unexpected: count('deliveries of the wrong room, never sent, refused, or after leaving', {
    exposedTo: 'deliveries',
  }),
  users_unproven: count('users in a room that were due no message, so that nothing is known of them', {
    exposedTo: 'users',
    known: 'end',
  }),
  delivery_latency: time('from when a message was due until each receiver had it'),
  service_time: time('from when a message was really sent until each receiver had it'),
  start_delay: time('how much later than due we sent'),
  max_users: {
    type: 'gauge',
    unit: 'count',
    judged: 'run',
    known: 'end',
    meaning: 'the most users at which every threshold held (only with --find-max)',
  },
  dropped_arrivals: count('messages that were due while no sender of the room was connected', {exposedTo: 'arrivals'}),
  room_members: count('users that got into the room whose cap is checked'),
  room_attempts_beyond: count('attempts to get into that room beyond its cap'),
  room_seats_offered: count('seats that members left, which somebody outside tried to get'),
  room_overadmitted: count('members of that room beyond its cap', {exposedTo: 'attempts beyond the cap'}),
  room_underadmitted: count('seats left by members that stayed free though somebody outside tried to get them', {
    exposedTo: 'seats offered',
  }),
  room_refusals_ungraceful: count('attempts beyond the cap that were not refused politely', {
    exposedTo: 'attempts beyond the cap',
    tags: ['reason'],
  }),
  room_bystander_errors: count('members of that room that were thrown out or missed a message', {exposedTo: 'members'}),
  idle_silent: count('silent users that were watched until they were closed or overdue'),
  idle_active: count(
    'users that only kept their connections alive or only received, watched until all silent ones were judged',
  ),
  idle_not_closed: count('silent users that were not closed within the promised time + 10 %', {
    exposedTo: 'silent users',
  }),
  active_closed: count('users that only kept alive or only received, and were closed', {exposedTo: 'active users'}),
  idle_close_error: time('how far from the promised time a silent user was closed, either way', {judged: 'run'}),
  generator_rss_per_connection: {
    type: 'gauge',
    unit: 'bytes',
    judged: 'run',
    known: 'end',
    meaning: 'resident memory of our workers beyond their empty size, for each user; at the end of the run',
  },
  ...faultMetrics,
  ...generatorMetrics,
} as const satisfies MetricCatalogue

/** By these recovery from a fault is told. */
export const vitalSigns: VitalSigns = {
  successes: 'messages_delivered',
  latency: 'delivery_latency',
  cutOff: 'unexpected_disconnects',
}

/** What the thresholds under faults need to know of them. */
export const underFaults = {lost: 'messages_lost', disturbed: ['unexpected_disconnects', 'protocol_errors']} as const
