/** One connection to RabbitMQ, as all of ours are: with its name, a heartbeat, a limit of time, and a way to end it when the server does not answer. */
import {connect, type ChannelModel} from 'amqplib'
import type {Clock} from '../../base/clock.js'
import type {Ms} from '../../base/units.js'
import {tlsOptions, type Certificates} from '../tls.js'

export interface Access {
  readonly urls: readonly string[]
  readonly tls: Certificates
  readonly timeoutMs: Ms
}

export interface Connected {
  readonly model: ChannelModel
  /** Ends it at once, without a word to the server. */
  cut(): void
}

/**
 * Seconds, unless the URL says otherwise: a peer that went silent is noticed within three of them. The server's own proposal of 60 would
 * hide an outage from us for minutes (https://www.rabbitmq.com/docs/heartbeats names 5 to 20 as good values).
 */
const HEARTBEAT = '10'

/** `name` is what the server shows for it; rejects with amqplib's or Node's own error, or with a UsageError when the certificates are none. */
export async function connected(url: string, name: string, {tls, timeoutMs}: Omit<Access, 'urls'>): Promise<Connected> {
  const address = new URL(url)
  if (!address.searchParams.has('heartbeat')) address.searchParams.set('heartbeat', HEARTBEAT)
  const socket = new AbortController()
  const model = await connect(address.href, {
    ...(address.protocol === 'amqps:' ? tlsOptions(tls) : {}),
    clientProperties: {connection_name: name},
    noDelay: true,
    signal: socket.signal,
    timeout: timeoutMs,
  } as Parameters<typeof connect>[1])
  // Without a listener an error would end the process.
  model.on('error', () => undefined)
  return {model, cut: () => socket.abort()}
}

/** The result of `work`, or a rejection when it takes longer than `timeoutMs`: amqplib waits for answers without a limit. */
export async function within<Result>(timeoutMs: Ms, clock: Clock, work: Promise<Result>): Promise<Result> {
  const over = new AbortController()
  const tooLong = clock.sleep(timeoutMs, over.signal).then(() => {
    throw Object.assign(new Error(`no answer within ${timeoutMs} ms`), {code: 'timeout'})
  })
  try {
    return await Promise.race([work, tooLong])
  } finally {
    over.abort()
  }
}
