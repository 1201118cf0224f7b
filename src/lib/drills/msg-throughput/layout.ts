/** Who sits where: the transport's own choice, where nothing was asked for, held against what it can carry; pure. */
import {UsageError} from '../../base/errors.js'
import {checkAmqp} from '../../protocols/amqp/options.js'
import type {Layout} from '../../protocols/messaging/layout.js'
import {checkPostgres} from '../../protocols/postgres/check-layout.js'
import {checkLayout} from '../../protocols/redis/check-layout.js'
import type {MsgThroughputInput} from './input.js'
import {checkChatLayout, transports} from './transports.js'

type Asked = Pick<MsgThroughputInput, 'transport' | 'rooms' | 'publishers' | 'consumers' | 'fanout'> & Wishes
type Wishes = Pick<MsgThroughputInput, 'payload' | 'rampMs' | 'durationMs' | 'targets' | 'partitions' | 'amqp'>

/** Throws a UsageError for what the transport cannot carry. */
export function layoutOf(input: Asked): Layout {
  const {transport, rooms, fanout} = input
  const usual = transports[transport]
  const layout: Layout = {
    rooms,
    fanout,
    publishers: input.publishers ?? usual.publishers(rooms),
    consumers: input.consumers ?? usual.consumers(rooms, fanout),
  }
  mustBeCarried(layout, input)
  if (layout.consumers > rooms * fanout)
    throw new UsageError(
      `--consumers ${layout.consumers} are more than --rooms ${rooms} × --fanout ${fanout}: each seat is read by one consumer, so that its order can be judged`,
      {hint: `use --consumers ${rooms * fanout} or less, or more --rooms`},
    )
  return layout
}

/** Each transport knows by itself what it cannot do. */
function mustBeCarried(layout: Layout, {transport, payload, ...input}: Asked): void {
  switch (transport) {
    case 'ws':
    case 'http':
      return checkChatLayout(layout)
    case 'redis-pubsub':
    case 'redis-stream':
      return checkLayout(transport, layout)
    case 'amqp':
      return checkAmqp(layout.rooms, payload.bytes, input.amqp)
    case 'postgres':
      return checkPostgres({
        fanout: layout.fanout,
        consumers: input.consumers,
        partitions: input.partitions,
        durationMs: input.rampMs + input.durationMs,
        urls: input.targets,
        sample: payload.text,
      })
  }
}
