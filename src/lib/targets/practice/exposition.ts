/** A node's own numbers in the Prometheus text format (version 0.0.4). */
import type {ChatNode} from './chat-node.js'

export const EXPOSITION_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

/** What is measured about the process, beside what the node counts itself. */
export interface Vitals {
  /** Event-loop delay since the last look, in ms. */
  readonly lagP99Ms: number
  readonly lagMaxMs: number
  readonly rssBytes: number
  readonly cpuSeconds: number
}

interface Sample {
  readonly name: string
  readonly type: 'counter' | 'gauge'
  readonly help: string
  readonly value: number
}

export function expose(node: ChatNode, vitals: Vitals): string {
  return samplesOf(node, vitals).map(linesOf).join('')
}

function linesOf({name, type, help, value}: Sample): string {
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${name} ${value}\n`
}

function samplesOf(node: ChatNode, vitals: Vitals): readonly Sample[] {
  return [...chatSamples(node), ...linkSamples(node), ...upkeepSamples(node), ...processSamples(vitals)]
}

function chatSamples({counts, members, rooms}: ChatNode): readonly Sample[] {
  return [
    gauge('practice_connections', 'Open WebSocket connections.', members.size),
    gauge('practice_rooms', 'Rooms that this node hears.', rooms.count),
    counter('practice_handshakes_total', 'Completed WebSocket handshakes.', counts.handshakes),
    counter('practice_handshakes_refused_total', 'Handshakes turned down.', counts.handshakesRefused),
    counter('practice_frames_received_total', 'Frames from clients.', counts.received),
    counter('practice_messages_published_total', 'Messages stored, sent and acked.', counts.published),
    counter('practice_messages_refused_total', 'Messages turned down.', counts.refused),
    counter('practice_messages_delivered_total', 'Deliveries, each of one message to one member.', counts.delivered),
    counter('practice_protocol_errors_total', 'Frames that made no sense.', counts.protocolErrors),
    counter('practice_slow_consumers_closed_total', 'Members that read too slowly.', counts.slowConsumersClosed),
  ]
}

/** How the node stands with Redis and Postgres, and what it did about outages. */
function linkSamples({counts, bus, publishing}: ChatNode): readonly Sample[] {
  return [
    gauge('practice_redis_up', '1: both links to Redis are open.', bus.links.up ? 1 : 0),
    counter('practice_redis_losses_total', 'Links to Redis that were lost.', bus.links.losses),
    counter('practice_redis_reconnect_attempts_total', 'Attempts to make them anew.', bus.links.attempts),
    counter('practice_resyncs_total', 'Times that all rooms were caught up after an outage.', counts.resyncs),
    counter('practice_messages_resynced_total', 'Messages brought from the history then.', counts.resynced),
    counter('practice_repeats_dropped_total', 'Messages that came from Redis once more.', counts.repeatsDropped),
    gauge('practice_messages_unconfirmed', 'Messages stored that Redis did not confirm yet.', publishing.outbox.size),
    gauge('practice_postgres_up', '0: the last insert failed and is tried again.', publishing.storeAway ? 0 : 1),
    counter('practice_postgres_retries_total', 'Inserts that were tried again.', counts.storeRetries),
    gauge('practice_messages_held', 'Messages that wait for Postgres.', publishing.held),
  ]
}

function processSamples(vitals: Vitals): readonly Sample[] {
  return [
    gauge('practice_event_loop_lag_p99_seconds', '99th percentile since the last scrape.', vitals.lagP99Ms / 1000),
    gauge('practice_event_loop_lag_max_seconds', 'Longest since the last scrape.', vitals.lagMaxMs / 1000),
    gauge('process_resident_memory_bytes', 'Resident set size.', vitals.rssBytes),
    counter('process_cpu_seconds_total', 'User and system time.', vitals.cpuSeconds),
  ]
}

/** What this node does for the shards that it looks after. */
function upkeepSamples({parts}: ChatNode): readonly Sample[] {
  const upkeeps = parts.shards.all.flatMap(({upkeep}) => upkeep ?? [])
  const led = upkeeps.filter(({leads}) => leads)
  const ahead = led.map(({partitionsAhead}) => partitionsAhead)
  const archived = upkeeps.reduce((sum, upkeep) => sum + upkeep.archived, 0)
  return [
    gauge('practice_shards_led', 'Shards whose partitions and archive this node looks after.', led.length),
    gauge(
      'practice_partitions_ahead',
      'Partitions ahead of time, of the shard that has fewest.',
      led.length === 0 ? 0 : Math.min(...ahead),
    ),
    counter('practice_messages_archived_total', 'Messages that this node copied into the archive.', archived),
  ]
}

function counter(name: string, help: string, value: number): Sample {
  return {name, type: 'counter', help, value}
}

function gauge(name: string, help: string, value: number): Sample {
  return {name, type: 'gauge', help, value}
}
