/** One consumer: a channel that reads the queues of its seats, and acknowledges in batches. */
import type {Channel, ConsumeMessage} from 'amqplib'
import type {Ms} from '../../base/units.js'
import type {CarrierListener} from '../messaging/carrier.js'
import type {Range} from '../messaging/layout.js'
import {Lane} from './lane.js'
import type {Line, LineKit} from './line.js'

/** What it reads. */
export interface Reading {
  readonly seats: Range
  readonly prefetch: number
  readonly queueOf: (seat: number) => string
}

/**
 * An acknowledgement covers all before it. A batch is half of the prefetch, so that the server need not wait for us while it is on its way; and no
 * message waits longer than `ACK_WITHIN`.
 */
const LARGEST_BATCH = 256
const ACK_WITHIN: Ms = 10

export class Consumer {
  readonly #line: Line
  readonly #kit: LineKit
  readonly #listener: CarrierListener
  readonly #reading: Reading
  readonly #lane: Lane<Channel>
  readonly #batch: number
  #newest: ConsumeMessage | undefined
  #waiting = 0
  #timed = false

  constructor(line: Line, timeoutMs: Ms, kit: LineKit & {readonly listener: CarrierListener}, reading: Reading) {
    this.#line = line
    this.#kit = kit
    this.#listener = kit.listener
    this.#reading = reading
    this.#batch = Math.max(1, Math.min(LARGEST_BATCH, Math.floor(reading.prefetch / 2)))
    this.#lane = new Lane(line, timeoutMs, kit, {
      create: (model) => model.createChannel(),
      prepare: (channel) => this.#consume(channel),
    })
  }

  async open(): Promise<void> {
    await this.#line.open()
    await this.#lane.open()
  }

  async close(): Promise<void> {
    this.#acknowledge()
    await this.#lane.close()
    await this.#line.close()
  }

  /** Each queue has this one channel and no other, so that what it hands over is in order. */
  async #consume(channel: Channel): Promise<void> {
    const {seats, prefetch, queueOf} = this.#reading
    this.#newest = undefined
    this.#waiting = 0
    await channel.prefetch(prefetch)
    for (let seat = seats.first; seat < seats.end; seat++)
      await channel.consume(queueOf(seat), (message) => this.#take(channel, seat, message))
  }

  #take(channel: Channel, seat: number, message: ConsumeMessage | null): void {
    // The server has ended the subscription, as when the queue is deleted or its node goes.
    if (message === null) {
      this.#lane.renew('cancelled')
      return
    }
    this.#listener.arrived(seat, message.content, message.fields.redelivered)
    this.#newest = message
    this.#waiting++
    if (this.#waiting >= this.#batch) this.#acknowledge(channel)
    else if (!this.#timed) void this.#acknowledgeSoon()
  }

  async #acknowledgeSoon(): Promise<void> {
    this.#timed = true
    await this.#kit.clock.sleep(ACK_WITHIN)
    this.#timed = false
    this.#acknowledge()
  }

  #acknowledge(channel = this.#lane.channel): void {
    const newest = this.#newest
    if (newest === undefined || channel === undefined) return
    this.#newest = undefined
    this.#waiting = 0
    try {
      channel.ack(newest, true)
    } catch {
      // The channel is closing: the server will hand these over again, and say so.
    }
  }
}
