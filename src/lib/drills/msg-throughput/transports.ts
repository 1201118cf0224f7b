/** The ways by which messages can be sent: what each needs to know, what it promises, and who may sit where. */
import {UsageError} from '../../base/errors.js'
import type {Guarantees} from '../../protocols/websocket/protocol.js'
import type {Layout} from '../../protocols/messaging/layout.js'

export const TRANSPORTS = ['ws', 'http', 'redis-pubsub', 'redis-stream', 'amqp', 'postgres'] as const

export type TransportName = (typeof TRANSPORTS)[number]

/** What a transport is reached at. */
export type Reach = 'chat' | 'redis' | 'amqp' | 'postgres'

export interface Transport {
  readonly reach: Reach
  /** Of the transport itself; a chat promises what its profile says. */
  readonly delivery: Guarantees['delivery']
  /** Messages come out while the run goes on; otherwise they are read when it is over. */
  readonly live: boolean
  /** Connections when nothing else is asked for. */
  publishers(rooms: number): number
  consumers(rooms: number, fanout: number): number
}

/** Connections to one server are dear to it and cheap to us: few carry much. */
const FEW = 8

export const transports: Readonly<Record<TransportName, Transport>> = {
  ws: chat(),
  http: chat(),
  'redis-pubsub': {
    reach: 'redis',
    delivery: 'at-most-once',
    live: true,
    publishers: (rooms) => Math.min(rooms, FEW),
    consumers: (rooms, fanout) => Math.min(rooms, FEW) * fanout,
  },
  'redis-stream': {
    reach: 'redis',
    delivery: 'at-least-once',
    live: true,
    publishers: (rooms) => Math.min(rooms, FEW),
    consumers: (rooms, fanout) => Math.min(rooms, FEW) * fanout,
  },
  amqp: {
    reach: 'amqp',
    delivery: 'at-least-once',
    live: true,
    publishers: (rooms) => Math.min(rooms, FEW),
    consumers: (rooms, fanout) => Math.min(rooms, FEW) * fanout,
  },
  postgres: {
    reach: 'postgres',
    delivery: 'exactly-once',
    live: false,
    publishers: (rooms) => Math.min(rooms, FEW),
    consumers: () => 1,
  },
}

function chat(): Transport {
  return {
    reach: 'chat',
    delivery: 'exactly-once',
    live: true,
    publishers: (rooms) => rooms,
    consumers: (rooms, fanout) => rooms * fanout,
  }
}

/** In a chat everybody sits in one room over a connection of its own. Throws a UsageError. */
export function checkChatLayout({rooms, publishers, fanout, consumers}: Layout): void {
  if (publishers < rooms)
    throw new UsageError(
      `--publishers ${publishers} are fewer than --rooms ${rooms}, and in a chat each publisher sits in one room`,
      {hint: `use --publishers ${rooms}, or --rooms ${publishers}`},
    )
  if (consumers !== rooms * fanout)
    throw new UsageError(
      `--consumers ${consumers} do not fit --rooms ${rooms} with --fanout ${fanout}: in a chat each consumer sits in one room`,
      {hint: `use --consumers ${rooms * fanout}, or leave it out`},
    )
}
