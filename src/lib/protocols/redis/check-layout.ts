/** Which layouts a Redis can carry, and with how many connections; pure, so that a plan may ask. */
import {UsageError} from '../../base/errors.js'
import {consumerOf, seatsIn, type Layout} from '../messaging/layout.js'

export type RedisTransport = 'redis-pubsub' | 'redis-stream'

/**
 * Throws a UsageError when some seats could not be told apart: a connection that subscribes gets each message of a channel once, however many seats of that room it
 * holds. Streams carry any layout: each seat of a room is a consumer group, and a consumer opens a connection for each group that it reads.
 */
export function checkLayout(transport: RedisTransport, layout: Layout): void {
  const {rooms, fanout, consumers} = layout
  const crowded = transport === 'redis-pubsub' ? rangeOf(rooms).find((room) => holdsTwo(layout, room)) : undefined
  if (crowded === undefined) return
  throw new UsageError(
    `with redis-pubsub each of the ${fanout} seats of a room needs a connection of its own, and ${consumers} consumers hold several of room ${crowded}`,
    {hint: `use --consumers ${rooms * fanout}, or --fanout 1, or redis-stream`},
  )
}

/** Connections of the whole layout: what a plan compares with the descriptors that it may open. A cluster needs one for each node in place of each. */
export function connectionsOf(transport: RedisTransport, layout: Layout): number {
  const {rooms, publishers, fanout, consumers} = layout
  const seats = rooms * fanout
  if (transport === 'redis-pubsub' || fanout === 1) return publishers + Math.min(consumers, seats)
  const lanes = new Set<number>()
  for (let seat = 0; seat < seats; seat++) lanes.add(consumerOf(layout, seat) * fanout + (seat % fanout))
  return publishers + lanes.size
}

/** Neighbours by number share a connection, so that a look at each two neighbours of a room suffices. */
function holdsTwo(layout: Layout, room: number): boolean {
  const {first, end} = seatsIn(layout, room)
  return rangeOf(end - first - 1).some(
    (index) => consumerOf(layout, first + index) === consumerOf(layout, first + index + 1),
  )
}

function rangeOf(length: number): readonly number[] {
  return Array.from({length}, (_, index) => index)
}
