/** What a user chooses about RabbitMQ, the names that follow from it, and what can be known to be impossible before anybody is asked. */
import {UsageError} from '../../base/errors.js'
import {roomOfSeat, seatsIn, type Layout} from '../messaging/layout.js'

export interface AmqpOptions {
  readonly queueType: 'quorum' | 'classic'
  /** Messages that a queue hands over before the first of them is acknowledged; each seat has as many. */
  readonly prefetch: number
  /** The user's own exchange, which is neither made nor removed; without it one is made. */
  readonly exchange?: string | undefined
  /** Of every message and every binding; `{{room}}` becomes the number of the room. */
  readonly routingKey?: string | undefined
}

/** Where messages go in and come out. */
export interface Names {
  readonly exchange: string
  readonly keyOf: (room: number) => string
  readonly queueOf: (seat: number) => string
}

/** Names, keys and consumer tags are short strings of AMQP 0-9-1, section 4.2.5.3. */
const LONGEST_NAME = 255
/** The field of basic.qos has 16 bits. */
const HIGHEST_PREFETCH = 65_535
/** No RabbitMQ can be told to take more (`max_message_size`, https://www.rabbitmq.com/docs/configure). */
const LARGEST_MESSAGE = 512 * 1024 * 1024
const ROOM = '{{room}}'

/** A key of ours, so that with the user's exchange no queue of theirs gets what is meant for ours, unless they ask for it. */
export function namesOf(run: string, layout: Layout, {exchange, routingKey}: AmqpOptions): Names {
  const own = `proofload-${run}`
  const key = routingKey ?? `${own}-${ROOM}`
  return {
    exchange: exchange ?? own,
    keyOf: (room) => key.replaceAll(ROOM, String(room)),
    queueOf(seat) {
      const room = roomOfSeat(layout, seat)
      return `${own}-${room}-${seat - seatsIn(layout, room).first}`
    },
  }
}

/** Throws a UsageError for what RabbitMQ cannot carry whoever runs it; `payloadBytes` is the size of a message. */
export function checkAmqp(rooms: number, payloadBytes: number, options: AmqpOptions): void {
  const {prefetch, exchange, routingKey} = options
  if (!(Number.isInteger(prefetch) && prefetch >= 1 && prefetch <= HIGHEST_PREFETCH))
    throw new UsageError(`a prefetch of ${prefetch} is none`, {
      hint: `give a whole number from 1 to ${HIGHEST_PREFETCH}`,
    })
  if (payloadBytes > LARGEST_MESSAGE)
    throw new UsageError(`RabbitMQ takes no message of ${payloadBytes} bytes`, {
      hint: 'its limit is 16 MiB (128 MiB before 4.0) unless it is configured otherwise, and never more than 512 MiB',
    })
  checkName('exchange', exchange)
  checkName('routing key', routingKey?.replaceAll(ROOM, String(rooms)))
  if (exchange === '')
    throw new UsageError('no queue can be bound to the default exchange', {
      hint: 'leave --exchange out, so that an exchange is made for the run',
    })
  if (rooms > 1 && routingKey !== undefined && !routingKey.includes(ROOM))
    throw new UsageError(`with the routing key '${routingKey}' each of ${rooms} rooms would get the messages of all`, {
      hint: `write ${ROOM} into it, or ask for --rooms 1`,
    })
}

function checkName(what: string, name: string | undefined): void {
  if (name !== undefined && Buffer.byteLength(name) > LONGEST_NAME)
    throw new UsageError(`the ${what} is longer than ${LONGEST_NAME} bytes, which is the longest that AMQP knows`)
}
