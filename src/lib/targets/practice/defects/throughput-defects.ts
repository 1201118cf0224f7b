/** Defects of a message's way through store, partitions and archive, which show under load and to a drill that looks there. */
import type {DefectDefinition} from './definition.js'

export const THROUGHPUT_DEFECTS = {
  'lose-under-load': {
    value: 'share',
    usual: '0.1%',
    smallestDetectable: 'one message: a share of 3/N of N messages is caught in 95 of 100 runs',
    finding: 'messages_lost',
    meaning:
      'Acks and stores this share of the messages without pushing them, while a node takes more than 200 a second.',
    drill: 'msg-throughput',
  },
  'ack-before-store': {
    value: 'duration',
    usual: '50ms',
    smallestDetectable: 'one message that was acked and not yet stored when its node was killed',
    finding: 'messages_lost',
    meaning:
      'Acks each message at once, and stores and pushes it this much later: what a node still has is lost when it is killed.',
    during: 'node',
    drill: 'msg-throughput',
  },
  'hot-shard': {
    value: 'share',
    usual: '90%',
    smallestDetectable: 'an imbalance of more than 20 % over what the rooms have by chance: a share of 50 %',
    finding: 'shard_imbalance',
    meaning: 'Keeps this share of the rooms in the first shard, whatever their hash says.',
    drill: 'msg-throughput',
  },
  'growing-backlog': {
    value: 'rate',
    usual: '5000/s',
    smallestDetectable: 'a rate 1 % below that of the run',
    finding: 'backlog_slope',
    meaning:
      'Pushes no more than so many messages a second on all nodes together, however many are acked; the rest waits.',
    drill: 'msg-throughput',
  },
  'missing-partition': {
    value: 'duration',
    usual: '2s',
    smallestDetectable: 'one message that comes after that time',
    finding: 'delivery_rate',
    meaning: 'After so long there is no partition for new messages, and none is made: Postgres refuses the inserts.',
    drill: 'msg-throughput',
  },
  'archive-skips-batch': {
    value: 'count',
    usual: '10',
    smallestDetectable: 'one batch: four come a second from each shard in which somebody speaks',
    finding: 'archive_missing',
    meaning: 'The archiver passes over every so many-th batch of each shard.',
    drill: 'msg-throughput',
  },
  'duplicate-on-retry': {
    value: 'share',
    usual: '0.1%',
    smallestDetectable: 'one message: a share of 3/N of N messages is caught in 95 of 100 runs',
    finding: 'messages_duplicated',
    meaning:
      'Tries this share of the messages again though they are stored, under another key: they are stored and pushed twice.',
    drill: 'msg-throughput',
  },
} as const satisfies Record<string, DefectDefinition>
