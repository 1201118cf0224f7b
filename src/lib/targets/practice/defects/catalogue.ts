/** Every way in which the practice target can be told to be wrong, as data: what it does, how much, and who must notice. */

/** What stands behind the `=`: a share of cases, a node's number, or `LENGTH/EVERY`. */
export type ValueKind = 'share' | 'share-per-second' | 'node' | 'window'

export interface DefectDefinition {
  readonly value: ValueKind
  /** Used when no value is given, as one would type it. */
  readonly usual: string
  /** The least that a drill is promised to notice, with the exposure that this takes. */
  readonly smallestDetectable: string
  /** The metric whose finding catches it. */
  readonly finding: string
  /** One sentence for help and docs. */
  readonly meaning: string
}

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
    usual: '1%',
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
} as const satisfies Record<string, DefectDefinition>

export type DefectName = keyof typeof DEFECTS

export const DEFECT_NAMES = Object.keys(DEFECTS) as readonly DefectName[]
