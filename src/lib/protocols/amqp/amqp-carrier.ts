/** Carries messages by RabbitMQ: publishers with confirms on a few connections, and a queue for each seat, read by one channel. */
import {UsageError} from '../../base/errors.js'
import type {Ms} from '../../base/units.js'
import type {Carrier, CarrierKit, CarrierShare, Outgoing} from '../messaging/carrier.js'
import {consumerOf, publisherOf, seatsIn, voicesIn, type Layout, type Range} from '../messaging/layout.js'
import {Backlog} from './backlog.js'
import type {Access} from './connect.js'
import {Consumer} from './consumer.js'
import {Line, type LineKit} from './line.js'
import {namesOf, type AmqpOptions, type Names} from './options.js'
import {Publisher, type Route, type Trunk} from './publisher.js'
import {notUsable} from './reasons.js'

/** A publisher is a channel, and channels share connections, as a thousand connections of one program would be a burden that no real one is. */
const PUBLISHING_CONNECTIONS = 8
/**
 * Beyond these, of what was written and not confirmed, `publish` refuses. They are far above what a server leaves open that keeps up: ten seconds at
 * 10,000 messages a second.
 */
const MOST_WAITING = {messages: 100_000, bytes: 64 * 1024 * 1024} as const
/** How often we look for messages whose time is over, in parts of that time. */
const GIVE_UP_CHECKS = 10

/**
 * Publisher confirms decide: ack is `accepted`, nack is `failed` (`unknown` where several queues get the message, as one of them may have taken it), and what is open when the channel closes or its time is over is `unknown`. A message that no
 * queue takes comes back first and is `failed` (`unroutable`), although the server then acks it; with several seats in a room it comes back only when none
 * takes it.
 *
 * `publish` is false without a connection, while the server says that it is blocked (a memory or disk alarm; it says so to a connection that publishes, so
 * that what is sent until then waits and, when its time is over, is `unknown`), and while too much waits for confirmation. Queues keep everything, so that no
 * seat ever leaves. What we had not acknowledged when a connection was lost comes `again`. Publishers and consumers never share a connection, as a
 * blocked one is not read by the server.
 */
export function amqpCarrier(share: CarrierShare, kit: CarrierKit, options: AmqpOptions): Carrier {
  return new AmqpCarrier(share, kit, options)
}

class AmqpCarrier implements Carrier {
  readonly #share: CarrierShare
  readonly #kit: LineKit & CarrierKit
  readonly #options: AmqpOptions
  readonly #names: Names
  readonly #routes: readonly Route[]
  readonly #firstPublisher: number
  readonly #trunks: readonly Trunk[]
  readonly #publishers: readonly Publisher[]
  readonly #consumers: readonly Consumer[]
  readonly #ended = new AbortController()

  constructor(share: CarrierShare, kit: CarrierKit, options: AmqpOptions) {
    if (share.urls.length === 0)
      throw new UsageError('no RabbitMQ was named', {hint: 'give one with --target amqp://…'})
    this.#share = share
    this.#kit = {...kit, lost: (reason) => kit.listener.lost(reason)}
    this.#options = options
    const {exchange, keyOf} = (this.#names = namesOf(share.run, share.layout, options))
    // To an exchange of the user's own, queues may be bound that we do not know.
    const single = share.layout.fanout === 1 && options.exchange === undefined
    this.#routes = list(share.rooms, (room) => ({exchange, key: keyOf(room), single}))
    const publishers = publishersOf(share)
    this.#firstPublisher = publishers.first
    this.#trunks = this.#makeTrunks(publishers.end - publishers.first)
    this.#publishers = list(publishers, (publisher) => this.#makePublisher(publisher - publishers.first))
    this.#consumers = readersOf(share).map(([consumer, seats]) => this.#makeConsumer(consumer, seats))
  }

  async open(): Promise<void> {
    try {
      await Promise.all([
        ...this.#trunks.map(({line}) => line.open()),
        ...this.#consumers.map((consumer) => consumer.open()),
      ])
      await Promise.all(this.#publishers.map((publisher) => publisher.open()))
    } catch (error) {
      throw notUsable(error, this.#share.urls[0] ?? '')
    }
    void this.#giveUpInTime()
  }

  publish(message: Outgoing): boolean {
    const {layout, rooms} = this.#share
    const publisher = this.#publishers[publisherOf(layout, message.voice) - this.#firstPublisher]
    const route = this.#routes[message.room - rooms.first]
    return publisher !== undefined && route !== undefined && publisher.publish(route, message)
  }

  /** What still waits for a confirmation is answered: `unknown`. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended.abort()
    await Promise.all(this.#consumers.map((consumer) => consumer.close()))
    await Promise.all(this.#publishers.map((publisher) => publisher.close()))
    await Promise.all(this.#trunks.map(({line}) => line.close()))
  }

  #access(): Access {
    const {urls, tls, timeoutMs} = this.#share
    return {urls, tls, timeoutMs}
  }

  #line(what: string, number: number): Line {
    const random = this.#kit.random.fork(`amqp ${what} ${number}`)
    return new Line(this.#access(), `proofload-${this.#share.run} ${what} ${number}`, number, {...this.#kit, random})
  }

  #makeTrunks(publishers: number): readonly Trunk[] {
    const count = Math.min(publishers, PUBLISHING_CONNECTIONS)
    const [messages, bytes] = [MOST_WAITING.messages / count, MOST_WAITING.bytes / count]
    return list({first: 0, end: count}, (number) => ({
      line: this.#line('publishers', this.#firstPublisher + number),
      backlog: new Backlog(messages, bytes),
    }))
  }

  #makePublisher(number: number): Publisher {
    const trunk = this.#trunks[number % this.#trunks.length]
    if (!trunk) throw new RangeError('a publisher needs a connection')
    return new Publisher(trunk, this.#share.timeoutMs, this.#kit, this.#kit.listener)
  }

  #makeConsumer(number: number, seats: Range): Consumer {
    const {prefetch} = this.#options
    const reading = {seats, prefetch, queueOf: this.#names.queueOf}
    return new Consumer(this.#line('consumer', number), this.#share.timeoutMs, this.#kit, reading)
  }

  async #giveUpInTime(): Promise<void> {
    const {clock} = this.#kit
    const pause: Ms = Math.max(1, this.#share.timeoutMs / GIVE_UP_CHECKS)
    while (!this.#ended.signal.aborted) {
      await clock.sleep(pause, this.#ended.signal)
      const now = clock.now()
      for (const publisher of this.#publishers) publisher.giveUp(now)
    }
  }
}

/** Those who have a voice in the rooms of the share. */
function publishersOf({layout, rooms}: CarrierShare): Range {
  const [first, last] = [voicesIn(layout, rooms.first), voicesIn(layout, rooms.end - 1)]
  return {first: publisherOf(layout, first.first), end: publisherOf(layout, last.end - 1) + 1}
}

/** Those who have a seat in the rooms of the share, with their seats. */
function readersOf({layout, rooms}: CarrierShare): (readonly [number, Range])[] {
  const readers = new Map<number, Range>()
  const end = seatsOf(layout, rooms).end
  for (let seat = seatsOf(layout, rooms).first; seat < end; seat++) {
    const consumer = consumerOf(layout, seat)
    readers.set(consumer, {first: readers.get(consumer)?.first ?? seat, end: seat + 1})
  }
  return [...readers]
}

function seatsOf(layout: Layout, rooms: Range): Range {
  return {first: seatsIn(layout, rooms.first).first, end: seatsIn(layout, rooms.end - 1).end}
}

function list<Item>({first, end}: Range, item: (number: number) => Item): Item[] {
  return Array.from({length: end - first}, (_, index) => item(first + index))
}
