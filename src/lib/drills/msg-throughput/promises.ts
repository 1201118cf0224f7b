/** What must hold by default, with numbers computed from what was asked. */
import type {Guarantees} from '../../protocols/websocket/protocol.js'
import type {MsgThroughputInput} from './input.js'
import {transports} from './transports.js'

/** Of the rate. */
const LEAST_DELIVERED = 0.99
const MOST_GROWTH = 0.01

type Asked = Pick<MsgThroughputInput, 'transport' | 'rate' | 'fanout' | 'archive' | 'partitions'> & {
  /** The shards are known, and the rooms enough to tell how evenly they are used. */
  readonly weighable: boolean
}

export function promisesOf(asked: Asked, {delivery, order}: Pick<Guarantees, 'delivery' | 'order'>): string[] {
  const {transport, rate, fanout, archive} = asked
  const {live} = transports[transport]
  return [
    live
      ? `delivery_rate >= ${whole(LEAST_DELIVERED * rate * fanout)}/s`
      : `publish_rate >= ${whole(LEAST_DELIVERED * rate)}/s`,
    'messages_lost == 0',
    `${delivery === 'exactly-once' ? '' : 'warn: '}messages_duplicated == 0`,
    ...(order === 'none' ? [] : ['messages_reordered == 0']),
    'messages_unexpected == 0',
    ...(live ? ['p99(delivery_latency) < 300ms'] : []),
    'p95(publish_latency) < 200ms',
    ...(live ? [`backlog_slope < ${whole(MOST_GROWTH * rate * fanout)}/s`] : []),
    ...promisesOfStores(asked),
    ...(archive ? ['archive_missing == 0', `archive_lag <= ${archive.withinMs}ms`] : []),
  ]
}

function promisesOfStores({partitions, weighable}: Asked): string[] {
  return [
    ...(weighable ? ['shard_imbalance < 20%'] : []),
    ...(partitions === undefined ? [] : ['partitions_missing == 0', 'partition_misplaced == 0']),
  ]
}

/** Rounded to four digits, so that 9,900 stays 9,900 whatever binary fractions make of it. */
function whole(rate: number): number {
  return Number(rate.toPrecision(4))
}
