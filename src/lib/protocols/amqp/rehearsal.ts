/** Sends one message ahead of all others: whether the server takes it, of that size, and finds a queue for it. */
import type {ChannelModel, ConfirmChannel} from 'amqplib'
import {TargetError, UsageError} from '../../base/errors.js'
import type {Desk} from './channels.js'
import {within} from './connect.js'
import {wordsOf} from './reasons.js'

export interface Address {
  readonly exchange: string
  readonly key: string
}

/**
 * Over a connection of its own, which nothing else depends on when the server reads no more from it. Throws a UsageError when the server takes no message
 * of that size, a TargetError when it takes none for another reason, and else its own error.
 */
export async function rehearse({line, clock, timeoutMs}: Desk, address: Address, bytes: number): Promise<void> {
  const model = await line.open()
  try {
    const channel = await within(timeoutMs, clock, model.createConfirmChannel())
    await within(timeoutMs, clock, send(model, channel, {...address, content: Buffer.alloc(bytes, 'x')}))
  } catch (error) {
    throw wordsOf(error).includes('message size') ? tooLarge(bytes, error) : error
  } finally {
    await line.close()
  }
}

function send(model: ChannelModel, channel: ConfirmChannel, message: Address & {content: Buffer}): Promise<void> {
  const {exchange, key, content} = message
  return new Promise((resolve, reject) => {
    let trouble: Error | undefined
    model.on('blocked', (reason) => reject(blocked(reason)))
    channel.on('error', (error: Error) => {
      trouble = error
    })
    channel.on('return', () => {
      trouble = unroutable(exchange, key)
    })
    channel.publish(exchange, key, content, {mandatory: true, persistent: true}, (error: unknown) => {
      if (error !== null) trouble ??= refused(error)
      if (trouble) reject(trouble)
      else resolve()
    })
  })
}

function unroutable(exchange: string, key: string): TargetError {
  return new TargetError(
    `the exchange '${exchange}' brings nothing with the routing key '${key}' to a queue that is bound with it`,
    {
      hint: 'check that it is a direct, topic or fanout exchange; a headers exchange does not look at the key',
    },
  )
}

/** A confirm channel that breaks says only `channel closed`, and one whose message is refused says nothing more either. */
function refused(cause: unknown): TargetError {
  return new TargetError('RabbitMQ did not accept a first message', {
    cause,
    hint: 'look for policies that limit the length of queues or reject messages, and into the log of the server',
  })
}

function blocked(reason: string): TargetError {
  return new TargetError(`RabbitMQ takes no messages now: it says that the connection is blocked (${reason})`, {
    hint: 'it lacks memory or disk: `rabbitmqctl status` names the alarm',
  })
}

function tooLarge(bytes: number, cause: unknown): UsageError {
  return new UsageError(`a message of ${bytes} bytes is larger than what this RabbitMQ takes: ${wordsOf(cause)}`, {
    cause,
    hint: 'ask for a smaller payload, or raise max_message_size in its configuration',
  })
}
