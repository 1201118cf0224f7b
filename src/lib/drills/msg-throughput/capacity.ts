/** How many workers a run takes, and what it asks of this machine and of the practice target. */
import {UsageError} from '../../base/errors.js'
import type {Bytes, PerSecond} from '../../base/units.js'
import type {Layout} from '../../protocols/messaging/layout.js'
import {connectionsOf} from '../../protocols/redis/check-layout.js'
import type {PlanFrame} from '../drill.js'
import type {MsgThroughputInput} from './input.js'
import {transports} from './transports.js'

/** Messages and deliveries together that one worker handles without straining (bench/throughput.js), with room to spare. */
const EVENTS_PER_WORKER: PerSecond = 60_000
/** Descriptors that a process needs beside its sockets: channel, pipes, modules, timers. */
const RESERVED_DESCRIPTORS = 300
const BYTES_PER_CONNECTION: Bytes = 40_000
const BYTES_PER_PROCESS: Bytes = 120 * 1024 * 1024
/** Broadcasts between nodes are part of what is proven. */
const CHAT_NODES = 2

type Asked = Pick<MsgThroughputInput, 'transport' | 'rate' | 'workers' | 'machine' | 'targets'>

/** Throws a UsageError for more workers than rooms, as a room is not shared out, and for a transport that has no practice target. */
export function crewFor({transport, rate, workers, machine, targets}: Asked, {rooms, fanout}: Layout): number {
  if (targets.length === 0 && transports[transport].reach === 'amqp')
    throw new UsageError(`--transport ${transport} needs a broker of yours: the practice target has none`, {
      hint: 'add --target amqp://user:password@host:5672',
    })
  if (workers !== undefined && workers > rooms)
    throw new UsageError(`--workers ${workers} are more than the ${rooms} rooms, and a room is not shared out`, {
      hint: `use --workers ${rooms} or less, or more --rooms`,
    })
  const wanted = Math.ceil((rate * (1 + fanout)) / EVENTS_PER_WORKER)
  return workers ?? Math.max(1, Math.min(machine.cores, wanted, rooms))
}

export function needsOf(
  {transport}: Pick<MsgThroughputInput, 'transport'>,
  layout: Layout,
  workers: number,
): Pick<PlanFrame, 'needs' | 'practice'> {
  const {reach} = transports[transport]
  const redis = transport === 'redis-pubsub' || transport === 'redis-stream'
  const sockets = redis ? connectionsOf(transport, layout) : layout.publishers + layout.consumers
  return {
    needs: {
      workers,
      descriptorsPerWorker: Math.ceil(sockets / workers) + RESERVED_DESCRIPTORS,
      sockets,
      memoryBytes: sockets * BYTES_PER_CONNECTION + workers * BYTES_PER_PROCESS,
    },
    practice: {nodes: reach === 'chat' ? CHAT_NODES : 1, watched: true, ...(reach === 'amqp' ? {} : {reach})},
  }
}
