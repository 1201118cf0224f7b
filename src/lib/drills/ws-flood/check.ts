/** Judges nothing yet: turns what a flood brought home into metrics with their exposure, and into doubts. */
import {faultMeasurements, faultMetrics} from '../../faults/course/metrics.js'
import {generatorDoubts} from '../../load/generator.js'
import type {Metric} from '../../metrics/metric.js'
import {metricOf, type Reading} from '../../metrics/reading.js'
import type {Checked, Doubt} from '../../verdict/finding.js'
import {kneeDoubts, mostHeld} from '../../verdict/knee.js'
import type {WsFloodFacts} from './facts.js'
import {wsFloodMetrics} from './metrics.js'
import {OURS_RAN_OUT} from './own-limits.js'
import type {WsFloodPlan} from './plan.js'
import {userScale} from './user-scale.js'

type Name = keyof typeof wsFloodMetrics

/** Connections outlive the phase in which they were made, so that these are told for the run and not by phase. */
const OF_THE_RUN: ReadonlySet<Name> = new Set([
  'connection_errors',
  'unexpected_disconnects',
  'users_unproven',
  'room_overadmitted',
  'room_underadmitted',
  'room_refusals_ungraceful',
  'room_bystander_errors',
  'idle_not_closed',
  'active_closed',
])

/** Metrics of the checks, which are reported where the check was asked for. */
const OF_CHECKS: Readonly<Record<'roomCap' | 'idle', RegExp>> = {roomCap: /^room_/, idle: /^(idle_|active_closed$)/}

/** What each count was tried on. */
const EXPOSURE: Partial<Record<Name, readonly Name[]>> = {
  connection_errors: ['connections_established', 'reconnects', 'connection_errors'],
  unexpected_disconnects: ['connections_established', 'reconnects'],
  messages_acked: ['messages_published'],
  messages_refused: ['messages_published'],
  messages_unknown: ['messages_published'],
  messages_delivered: ['deliveries_expected'],
  messages_lost: ['deliveries_expected'],
  messages_recovered: ['messages_lost'],
  messages_duplicated: ['messages_delivered'],
  messages_reordered: ['messages_delivered'],
  messages_unexpected: ['messages_delivered', 'messages_duplicated', 'messages_unexpected'],
  users_unproven: ['connections_established'],
  dropped_arrivals: ['messages_published', 'dropped_arrivals'],
  room_overadmitted: ['room_attempts_beyond'],
  room_underadmitted: ['room_seats_offered'],
  room_refusals_ungraceful: ['room_attempts_beyond'],
  room_bystander_errors: ['room_members'],
  idle_not_closed: ['idle_silent'],
  active_closed: ['idle_active'],
}

const READING: Reading<Name> = {
  catalogue: wsFloodMetrics,
  exposure: EXPOSURE,
  ofTheRun: OF_THE_RUN,
  perReceiver: {distributions: ['delivery_latency', 'service_time'], messages: 'messages_published'},
}

/** Whoever is strained shows too late that its users are there, and has newcomers wait until nobody speaks any more. */
const WORSENED: readonly Name[] = ['active_closed', 'users_unproven']

export function check(plan: WsFloodPlan, facts: WsFloodFacts): Checked {
  const metrics: Record<string, Metric> = {}
  for (const name of Object.keys(wsFloodMetrics) as Name[])
    if (wasAsked(name, plan)) metrics[name] = metricOf(name, READING, facts)
  metrics['connections_requested'] = single('connections_requested', plan.roster.users)
  metrics['connections_established'] = established(plan, facts)
  metrics['connect_rate'] = gauge('connect_rate', facts.connectRate)
  metrics['generator_rss_per_connection'] = gauge('generator_rss_per_connection', facts.rssPerConnection.atEnd)
  const doubts = [...generatorDoubts(facts.generator, facts.deaths, WORSENED), ...ranOut(facts)]
  return withKnee(facts, {metrics: {...metrics, ...faultMeasurements(facts.faults)}, doubts})
}

function wasAsked(name: Name, plan: WsFloodPlan): boolean {
  if (Object.hasOwn(faultMetrics, name)) return false
  if (name.startsWith('room_')) return plan.roomCap !== undefined
  if (OF_CHECKS.idle.test(name)) return plan.idle !== undefined
  return true
}

/** A flood that is no search has no most users. */
function withKnee({levels, measurements}: WsFloodFacts, {metrics, doubts}: Checked): Checked {
  const {max_users: _none, ...others} = metrics
  if (!levels) return {metrics: others, doubts}
  const {generator_rss_per_connection: _neither, ...measured} = others
  const most = mostHeld(levels, userScale)
  return {
    metrics: {
      ...measured,
      connections_established: single('connections_established', measurements.total('connections_established')),
      ...(most === undefined ? {} : {max_users: gauge('max_users', most)}),
    },
    doubts: [...doubts, ...kneeDoubts(levels, userScale)],
  }
}

function established(plan: WsFloodPlan, {measurements}: WsFloodFacts): Metric {
  const value = measurements.total('connections_established')
  const slices = [{phase: '', tags: {}, value, exposure: plan.roster.users}]
  return {type: 'counter', definition: wsFloodMetrics.connections_established, slices}
}

function single(name: Name, value: number): Metric {
  return {type: 'counter', definition: wsFloodMetrics[name], slices: [{phase: '', tags: {}, value}]}
}

function gauge(name: Name, value: number): Metric {
  return {type: 'gauge', definition: wsFloodMetrics[name], slices: [{phase: '', tags: {}, value}]}
}

function ranOut({measurements}: WsFloodFacts): Doubt[] {
  return measurements.counterSlices('connection_errors').flatMap(({tags, value}) => {
    const advice = OURS_RAN_OUT[tags['reason'] ?? '']
    if (advice === undefined) return []
    const why = `${value} connections failed on our own side (${tags['reason'] ?? ''})`
    return {
      name: 'ran-out',
      why,
      advice: `this machine ran out of ${advice}`,
      spoils: ['connections_established', 'users_unproven', 'room_underadmitted'],
    }
  })
}
