/** Judges nothing yet: turns what a flood brought home into metrics with their exposure, and into doubts. */
import {generatorDoubts} from '../../load/generator.js'
import type {CounterSlice, Metric, MetricDefinition} from '../../metrics/metric.js'
import type {Checked, Doubt} from '../../verdict/finding.js'
import type {WsFloodFacts} from './facts.js'
import {wsFloodMetrics} from './metrics.js'
import type {WsFloodPlan} from './plan.js'

type Name = keyof typeof wsFloodMetrics

/** Connections outlive the phase in which they were made, so that these are told for the run and not by phase. */
const OF_THE_RUN: ReadonlySet<Name> = new Set(['connection_errors', 'unexpected_disconnects', 'users_unproven'])

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
}

/** Our own side ran out of something, so that a failed connection says nothing about the target. */
const OURS_RAN_OUT: Readonly<Record<string, string>> = {
  EMFILE: 'file descriptors: raise the limit (ulimit -n) or add --workers',
  ENFILE: 'file descriptors of the whole machine: raise fs.file-max',
  EADDRNOTAVAIL: 'local ports: add a --source-address or another --target address',
  EADDRINUSE: 'local ports: add a --source-address or another --target address',
  ENOBUFS: 'socket memory: lower --connections',
  ENOMEM: 'memory: lower --connections',
}

export function check(plan: WsFloodPlan, facts: WsFloodFacts): Checked {
  const metrics: Record<string, Metric> = {}
  for (const name of Object.keys(wsFloodMetrics) as Name[]) metrics[name] = metricOf(name, facts)
  metrics['connections_requested'] = single('connections_requested', plan.roster.users)
  metrics['connections_established'] = established(plan, facts)
  metrics['connect_rate'] = gauge('connect_rate', facts.connectRate)
  metrics['generator_rss_per_connection'] = gauge('generator_rss_per_connection', facts.rssPerConnection.atEnd)
  return {metrics, doubts: [...generatorDoubts(facts.generator, facts.deaths), ...ranOut(facts)]}
}

function metricOf(name: Name, facts: WsFloodFacts): Metric {
  const definition: MetricDefinition = wsFloodMetrics[name]
  const {measurements} = facts
  switch (definition.type) {
    case 'counter':
      return {type: 'counter', definition, slices: counterSlices(name, definition, facts)}
    case 'gauge':
      return {type: 'gauge', definition, slices: measurements.gaugeSlices(name)}
    case 'distribution':
      return {
        type: 'distribution',
        definition,
        slices: measurements.distributionSlices(name, independentOf(name, facts)),
      }
    case 'share':
      throw new Error(`${name}: a flood has no shares`)
  }
}

/** Receivers of one message are no samples of their own. */
function independentOf(name: Name, {measurements}: WsFloodFacts): ((phase: string) => number) | undefined {
  if (name !== 'delivery_latency' && name !== 'service_time') return undefined
  return (phase) => measurements.total('messages_published', {phase})
}

/** The counts by phase and tag, and for each phase one slice that carries what they were tried on. */
function counterSlices(name: Name, definition: MetricDefinition, {measurements, phases}: WsFloodFacts): CounterSlice[] {
  const counted = measurements.counterSlices(name)
  const exposedTo = EXPOSURE[name]
  if (!definition.exposedTo || !exposedTo) return counted
  const tried = (phase?: string): number =>
    exposedTo.reduce((sum, other) => sum + measurements.total(other, phase === undefined ? {} : {phase}), 0)
  const names = [...new Set([...phases.map((phase) => phase.name), ...counted.map(({phase}) => phase)])]
  const byPhase = names.map((phase) => ({phase, tags: {}, value: 0}))
  if (OF_THE_RUN.has(name)) return [...counted, ...byPhase, {phase: '', tags: {}, value: 0, exposure: tried()}]
  return [...counted, ...byPhase.map((slice) => ({...slice, exposure: tried(slice.phase)}))]
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
      spoils: ['connections_established', 'users_unproven'],
    }
  })
}
