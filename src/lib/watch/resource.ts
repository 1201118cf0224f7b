/** The words for what is watched: the fixed vocabulary of resources, their units, and one look at them. */
import type {Unit} from '../metrics/metric.js'

interface ResourceDefinition {
  readonly unit: Unit
  readonly meaning: string
}

function resource(unit: Unit, meaning: string): ResourceDefinition {
  return {unit, meaning}
}

/** Every resource that a watcher can tell; each tells those that its system has. */
export const RESOURCES = {
  cpu: resource(
    'share',
    'how busy its processor is: its busiest thread as a share of one core, or all its threads as a share of the machine, whichever is more',
  ),
  cpu_cores: resource('count', 'cores that it kept busy, all its threads together'),
  memory: resource('share', 'memory used of what it may use: its own limit, or else what the machine has'),
  memory_bytes: resource('bytes', 'memory used'),
  event_loop_delay: resource('ms', 'how late the timers of a Node.js process ran, p99 where it is told'),
  connections: resource('count', 'clients connected'),
  connections_used: resource('share', 'clients connected of those that it takes'),
  active: resource('count', 'Postgres sessions that ran a statement'),
  waiting_on_locks: resource('count', 'Postgres sessions that waited for a lock'),
  commits: resource('perSecond', 'transactions committed'),
  rollbacks: resource('perSecond', 'transactions rolled back'),
  deadlocks: resource('perSecond', 'deadlocks found'),
  cache_hit: resource('share', 'Postgres blocks found in shared buffers, of those asked for'),
  wal_bytes: resource('bytes', 'write-ahead log written in a second'),
  replication_lag: resource('ms', 'how far the slowest Postgres standby is behind'),
  replication_lag_bytes: resource('bytes', 'how far the slowest Redis replica is behind'),
  operations: resource('perSecond', 'Redis commands processed'),
  blocked_clients: resource('count', 'Redis clients that wait in a blocking command'),
  evictions: resource('perSecond', 'Redis keys evicted for want of memory'),
  client_buffers: resource('bytes', 'memory that Redis holds for its clients, answers not yet read included'),
  largest_output_buffer: resource('bytes', 'the largest backlog of one Redis client that reads too slowly'),
  largest_input_buffer: resource('bytes', 'the largest command that a Redis client is sending'),
  queue_depth: resource('count', 'messages ready in the queues'),
  unacked: resource('count', 'messages delivered and not yet acknowledged'),
  messages_in: resource('perSecond', 'messages published to the broker'),
  messages_out: resource('perSecond', 'messages delivered by the broker'),
  run_queue: resource('count', 'Erlang processes that wait for a processor, on the fullest node'),
  disk_free: resource('bytes', 'free disk space, on the fullest node'),
  alarms: resource('count', 'memory and disk alarms of the broker; one blocks all publishers'),
} as const satisfies Readonly<Record<string, ResourceDefinition>>

export type Resource = keyof typeof RESOURCES

/** What the user named on a Prometheus page is told under its own name behind this. */
const OF_THE_USER = 'metric.'

/** The name in a sample of what the user named. */
export function named(metric: string): string {
  return `${OF_THE_USER}${metric}`
}

/** The name that the user gave, or undefined for one of the vocabulary. */
export function userNameOf(resource: string): string | undefined {
  return resource.startsWith(OF_THE_USER) ? resource.slice(OF_THE_USER.length) : undefined
}

/** The unit of a resource; what the user named is a count. */
export function unitOfResource(resource: string): Unit {
  return Object.hasOwn(RESOURCES, resource) ? RESOURCES[resource as Resource].unit : 'count'
}

/** One look: what was known at that moment, by resource. Shares from 0 to 1, sizes in bytes, times in ms, rates per second. */
export type Sample = Readonly<Record<string, number>>

/** The same with what is not known left out. */
export function sampleOf(figures: Readonly<Partial<Record<Resource, number | undefined>>>): Record<string, number> {
  const known = Object.entries(figures).filter(([, value]) => value !== undefined && Number.isFinite(value))
  return Object.fromEntries(known) as Record<string, number>
}
