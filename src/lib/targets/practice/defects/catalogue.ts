/** Every way in which the practice target can be told to be wrong, as data: what it does, how much, and who must notice. */
import {DATABASE_DEFECTS} from './database-defects.js'
import type {DefectDefinition} from './definition.js'
import {THROUGHPUT_DEFECTS} from './throughput-defects.js'

export const DEFECTS = {
  'lose-deliveries': {
    value: 'share',
    usual: '1%',
    smallestDetectable: 'one delivery: 3/N of N expected deliveries is caught in 95 of 100 runs',
    finding: 'messages_lost',
    meaning: 'Drops this share of the deliveries, each to one receiver; the message is acked all the same.',
  },
  'duplicate-deliveries': {
    value: 'share',
    usual: '1%',
    smallestDetectable: 'one delivery: 3/N of N expected deliveries is caught in 95 of 100 runs',
    finding: 'messages_duplicated',
    meaning: 'Sends this share of the deliveries twice.',
  },
  'reorder-deliveries': {
    value: 'share',
    usual: '0.3%',
    smallestDetectable: 'one delivery whose sender speaks again in the same room within a second',
    finding: 'messages_reordered',
    meaning: 'Holds this share of the deliveries back until the same receiver got the next message of the same sender.',
  },
  'wrong-room': {
    value: 'share',
    usual: '1%',
    smallestDetectable: 'one message, where the node has members in two rooms or more',
    finding: 'messages_unexpected',
    meaning: 'Sends this share of the messages to a member of another room as well.',
  },
  'stall-output': {
    value: 'window',
    usual: '500ms/5s',
    smallestDetectable:
      '200ms/5s against p99 < 100ms: more than 1 % of the messages must wait longer than the threshold',
    finding: 'delivery_latency',
    meaning: 'Withholds all frames for LENGTH every EVERY, on all nodes at once, and then sends them in order.',
  },
  'refuse-handshakes': {
    value: 'share',
    usual: '2%',
    smallestDetectable: 'one handshake: 3/N of N users is caught in 95 of 100 runs',
    finding: 'connections_established',
    meaning: 'Answers this share of the handshakes with 503.',
  },
  'deaf-node': {
    value: 'node',
    usual: '0',
    smallestDetectable: 'one node that holds a member of a room in which somebody speaks',
    finding: 'messages_lost',
    meaning: 'One node, counted from 0, is not subscribed to the broadcast, though it answers joins.',
  },
  'close-connections': {
    value: 'share-per-second',
    usual: '1%/s',
    smallestDetectable: 'one connection: 3/(N × seconds) a second of N users is caught in 95 of 100 runs',
    finding: 'unexpected_disconnects',
    meaning: 'Closes this share of the connections each second, with code 1011.',
  },
  'no-room-cap': {
    value: 'share',
    usual: '100%',
    smallestDetectable: 'one of the 20 users beyond the cap: a share of 15 % is caught in 95 of 100 runs',
    finding: 'room_overadmitted',
    meaning: 'Lets this share of the newcomers into a room that is full.',
  },
  'ungraceful-cap': {
    value: 'manner',
    usual: 'drop',
    smallestDetectable: 'one user beyond the cap',
    finding: 'room_refusals_ungraceful',
    meaning:
      "Keeps the cap rudely: drop cuts the newcomer's socket without a code; kill throws out a member for it, which room_bystander_errors finds.",
  },
  'zombie-member': {
    value: 'share',
    usual: '100%',
    smallestDetectable: 'one of the 10 members that leave a full room: a share of 26 % is caught in 95 of 100 runs',
    finding: 'room_underadmitted',
    meaning: 'Keeps this share of the closed connections in their rooms, where they take up seats.',
  },
  'never-idle-close': {
    value: 'share',
    usual: '100%',
    smallestDetectable: 'one of 100 silent users: a share of 3 % is caught in 95 of 100 runs',
    finding: 'idle_not_closed',
    meaning: 'Never closes this share of the connections, however silent they are.',
  },
  'close-receivers': {
    value: 'share',
    usual: '100%',
    smallestDetectable: 'one of 100 users that only receive: a share of 3 % is caught in 95 of 100 runs',
    finding: 'active_closed',
    meaning:
      'Takes this share of the connections for idle though messages are delivered to them, as they send nothing.',
  },
  'never-resubscribe': {
    value: 'node',
    usual: '0',
    smallestDetectable: 'one node with a member of a room in which somebody speaks after the fault',
    finding: 'messages_lost',
    meaning: 'One node, counted from 0, hears nothing any more once its link to Redis was lost.',
    during: 'redis',
  },
  'drop-during-outage': {
    value: 'share',
    usual: '100%',
    smallestDetectable:
      'one message: a share of 3/N of N messages published while Redis is away is caught in 95 of 100 runs',
    finding: 'messages_lost',
    meaning: 'Acks and stores this share of the messages published while Redis is away, and never pushes them.',
    during: 'redis',
  },
  'crash-on-redis-loss': {
    value: 'node',
    usual: '0',
    smallestDetectable: 'one node with a connected user',
    finding: 'unexpected_disconnects',
    meaning: 'One node, counted from 0, ends its process when it loses Redis; it is started again.',
    during: 'redis',
  },
  'herd-reconnect': {
    value: 'share',
    usual: '100%',
    smallestDetectable: 'one connection: a share of 3/N of N users is caught in 95 of 100 runs',
    finding: 'unexpected_disconnects',
    meaning:
      'Reconnects to Redis without backoff or jitter, and closes this share of its connections at the moment when Redis is back, so that they return as a herd.',
    during: 'redis',
  },
  'false-success': {
    value: 'share',
    usual: '100%',
    smallestDetectable:
      'one message: a share of 3/N of N messages published while Postgres is away is caught in 95 of 100 runs',
    finding: 'messages_lost',
    meaning: 'Acks this share of the messages published while Postgres is away, and neither stores nor pushes them.',
    during: 'postgres',
  },
  ...THROUGHPUT_DEFECTS,
  ...DATABASE_DEFECTS,
} as const satisfies Record<string, DefectDefinition>

export type DefectName = keyof typeof DEFECTS

/** Those that only msg-throughput finds. */
export type ThroughputDefect = keyof typeof THROUGHPUT_DEFECTS

/** Those of the practice database. */
export type DatabaseDefect = keyof typeof DATABASE_DEFECTS

/** Those of the nodes. */
export type ChatDefect = Exclude<DefectName, DatabaseDefect>

/** Those that only show with a fault. */
export type OutageDefect = {
  [Name in DefectName]: (typeof DEFECTS)[Name] extends {readonly during: string} ? Name : never
}[DefectName]

export const DEFECT_NAMES = Object.keys(DEFECTS) as readonly DefectName[]
