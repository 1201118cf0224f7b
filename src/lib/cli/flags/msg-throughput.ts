/** The flags of msg-throughput, and how they become its input. */
import {readFile} from 'node:fs/promises'
import {UsageError} from '../../base/errors.js'
import type {CommonInput} from '../../drills/drill.js'
import type {MsgThroughputInput, Payload} from '../../drills/msg-throughput/input.js'
import {TRANSPORTS} from '../../drills/msg-throughput/transports.js'
import {STAMP_LENGTH} from '../../protocols/stamp.js'
import {option, toggle, type Values} from './option.js'
import {count, duration, lengthOrNone, oneOf, rate, size, text} from './read.js'

const USUAL_RATE = 10_000
const USUAL_STEP = 8000

export const msgThroughputFlags = {
  transport: option(oneOf(TRANSPORTS), {
    value: TRANSPORTS.join('|'),
    usual: 'ws',
    summary:
      "The way of the messages: the chat over its WebSocket protocol or over HTTP, or a server behind it: Redis pub/sub or streams, RabbitMQ, Postgres. --target takes that server's URL.",
  }),
  rate: option(rate, {
    value: 'RATE',
    summary:
      'Messages of all rooms together, evenly paced; 10000/s by default. With --find-max: the highest that is tried.',
  }),
  duration: option(duration, {
    value: 'TIME',
    summary:
      'How long the full rate is held; 30s by default. With --find-max: how long each level is held, 8s by default and at least 5s.',
  }),
  ramp: option(lengthOrNone, {
    value: 'TIME',
    usual: '3s',
    summary: 'How long the rate rises before that; 0s for none.',
  }),
  payload: option(size, {value: 'SIZE', usual: '256B', summary: 'Size of a message.'}),
  'payload-file': option(text, {
    value: 'FILE',
    summary: "What each message carries after its stamp of 29 characters, in place of --payload's made-up text.",
  }),
  rooms: option(count, {
    value: 'N',
    usual: '20',
    summary: 'Rooms, channels, streams or routing keys that the messages are spread over.',
  }),
  publishers: option(count, {
    value: 'N',
    summary: 'Connections that publish; one for each room of a chat, 8 to a server by default.',
  }),
  consumers: option(count, {
    value: 'N',
    summary: 'Connections that consume; one for each seat of a chat, 8 × --fanout to a server by default.',
  }),
  fanout: option(count, {
    value: 'N',
    usual: '1',
    summary: 'Where each message comes out: members that listen in each room, consumer groups, or queues.',
  }),
  'find-max': toggle({
    summary:
      'Search for the highest rate at which every threshold holds: double it until one breaks, then close in on the knee.',
  }),
  'queue-type': option(oneOf(['quorum', 'classic']), {
    value: 'quorum|classic',
    usual: 'quorum',
    summary: 'With --transport amqp: the type of the queues.',
  }),
  prefetch: option(count, {
    value: 'N',
    usual: '1000',
    summary: 'With --transport amqp: messages that a consumer may hold without acknowledging them.',
  }),
  exchange: option(text, {
    value: 'NAME',
    summary: 'With --transport amqp: an exchange of yours to publish to, in place of one that is made for the run.',
  }),
  'routing-key': option(text, {
    value: 'KEY',
    summary: "With --exchange: the routing key; {{room}} is the room's name.",
  }),
  partitions: option(count, {
    value: 'N',
    summary: 'With --transport postgres: partition the tables by time, so that the run passes through N partitions.',
  }),
  'archive-check': option(text, {
    value: 'SQL|URL',
    summary:
      "A SELECT over the target's Postgres, or a URL (with {{room}} one for each room), whose answer must hold every accepted message.",
  }),
  'archive-within': option(duration, {
    value: 'TIME',
    usual: '30s',
    summary: 'How long after the last message the archive may take.',
  }),
}

type Own = Values<typeof msgThroughputFlags>

/** Reads the file of --payload-file. Throws a UsageError when it cannot be read, and for flags that do not go together. */
export async function toMsgThroughputInput(own: Own, common: CommonInput): Promise<MsgThroughputInput> {
  mustGoTogether(own)
  const usualLength = own['find-max'] ? USUAL_STEP : 30_000
  return {
    ...common,
    transport: own.transport,
    rate: own.rate ?? USUAL_RATE,
    rateTyped: own.rate !== undefined,
    durationMs: own.duration ?? usualLength,
    rampMs: own.ramp,
    payload: await payloadOf(own),
    rooms: own.rooms,
    publishers: own.publishers,
    consumers: own.consumers,
    fanout: own.fanout,
    findMax: own['find-max'],
    amqp: {
      queueType: own['queue-type'],
      prefetch: own.prefetch,
      ...(own.exchange !== undefined && {exchange: own.exchange}),
      ...(own['routing-key'] !== undefined && {routingKey: own['routing-key']}),
    },
    partitions: own.partitions,
    archive:
      own['archive-check'] === undefined ? undefined : {source: own['archive-check'], withinMs: own['archive-within']},
  }
}

/** The text of a file stands for its bytes one by one, except in a chat, which carries characters. */
async function payloadOf({'payload-file': file, payload, transport}: Own): Promise<Payload> {
  if (file === undefined) return {bytes: payload}
  const bytes = await readFile(file).catch(async (cause: unknown) => {
    const {whyUnreadable} = await import('../../targets/profile/yaml-file.js')
    throw new UsageError(`--payload-file ${file}: ${whyUnreadable(cause)}`, {cause})
  })
  const chat = transport === 'ws' || transport === 'http'
  return {bytes: STAMP_LENGTH + bytes.length, text: bytes.toString(chat ? 'utf8' : 'latin1')}
}

function mustGoTogether({transport, exchange, 'routing-key': routingKey}: Own): void {
  if ((exchange ?? routingKey) === undefined) return
  if (transport !== 'amqp')
    throw new UsageError(`--exchange and --routing-key are of --transport amqp, not of ${transport}`)
  if (exchange === undefined) throw new UsageError('--routing-key goes with --exchange: add the exchange')
}
