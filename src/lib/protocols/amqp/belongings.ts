/** The exchange and the queues of a run: made so that nothing of anybody else is taken for ours, and removed again. */
import type {Channel} from 'amqplib'
import {UsageError} from '../../base/errors.js'
import type {Random} from '../../base/random.js'
import type {Ms} from '../../base/units.js'
import {roomOfSeat, type Layout} from '../messaging/layout.js'
import {ask, askAll, type Desk} from './channels.js'
import type {AmqpOptions, Names} from './options.js'
import {reasonOf, wordsOf} from './reasons.js'

export interface Wanted {
  readonly layout: Layout
  readonly names: Names
  readonly options: AmqpOptions
}

/** Of what is left, so many are named one by one. */
const MOST_LINES = 10
const HOUR: Ms = 3_600_000
/** The removal begins again when the connection breaks in the middle of it. */
const TRIES = 3

export class Belongings {
  readonly #wanted: Wanted
  readonly #queues = new Set<string>()
  #exchange: string | undefined
  /**
   * The server removes a queue that nobody has used for this long, so that a run that was killed leaves nothing for ever. It is a number that no other
   * queue has: the server takes a declaration of a queue that is there already only when all arguments are the same, so that it refuses ours for one of
   * somebody else, without an error in its log for each queue that is not there, as asking first would leave.
   */
  readonly #expires: Ms

  constructor(wanted: Wanted, random: Random) {
    this.#wanted = wanted
    this.#expires = HOUR + random.below(HOUR)
  }

  /** Every seat's queue, bound to the exchange; throws a UsageError for what is there and not ours, and else the server's own error. */
  async make(desk: Desk): Promise<void> {
    const {layout, names, options} = this.#wanted
    if (options.exchange === undefined) await this.#makeExchange(desk, names.exchange)
    else await ask(desk, (channel) => channel.checkExchange(names.exchange))
    await askAll(desk, seats(layout), async (channel, seat) => {
      const queue = names.queueOf(seat)
      await this.#makeQueue(channel, queue)
      await channel.bindQueue(queue, names.exchange, names.keyOf(roomOfSeat(layout, seat)))
    })
  }

  /** Ready messages of all queues; those that were handed over and not acknowledged are not among them. */
  async depth(desk: Desk): Promise<number> {
    let depth = 0
    await askAll(desk, this.#queues, async (channel, queue) => {
      const {messageCount} = await channel.checkQueue(queue)
      depth += messageCount
    })
    return depth
  }

  /** Takes out what waits in the queues. */
  async empty(desk: Desk): Promise<void> {
    await askAll(desk, this.#queues, (channel, queue) => channel.purgeQueue(queue))
  }

  /** Yields a line for each thing that is left. */
  async remove(desk: Desk): Promise<readonly string[]> {
    let reason = ''
    for (let attempt = 0; attempt < TRIES && !this.#nothingLeft; attempt++) {
      try {
        await this.#removeAll(desk)
      } catch (error) {
        reason = reasonOf(error)
      }
    }
    return this.#left(reason)
  }

  get #nothingLeft(): boolean {
    return this.#queues.size === 0 && this.#exchange === undefined
  }

  /** Deleting what is not there any more is no error for the server. */
  async #removeAll(desk: Desk): Promise<void> {
    await askAll(desk, [...this.#queues], async (channel, queue) => {
      await channel.deleteQueue(queue)
      this.#queues.delete(queue)
    })
    const exchange = this.#exchange
    if (exchange === undefined) return
    await ask(desk, (channel) => channel.deleteExchange(exchange))
    this.#exchange = undefined
  }

  #left(reason: string): readonly string[] {
    const until = `the server removes it by itself when nobody has used it for ${Math.ceil(this.#expires / 60_000)} minutes`
    const queues = [...this.#queues].slice(0, MOST_LINES).map((queue) => `queue ${queue} (${reason}); ${until}`)
    const more = this.#queues.size - queues.length
    if (more > 0) queues.push(`${more} more queues of this run (${reason})`)
    // With the last of its queues.
    return this.#exchange === undefined
      ? queues
      : [...queues, `exchange ${this.#exchange} (${reason}), which goes with the last of its queues`]
  }

  /** There are no arguments that only ours would have, so that it is asked for first; it goes with the last queue that was bound to it. */
  async #makeExchange(desk: Desk, exchange: string): Promise<void> {
    if (await isThere(desk, exchange)) throw foreign('exchange', exchange)
    await ask(desk, (channel) => channel.assertExchange(exchange, 'direct', {durable: true, autoDelete: true}))
    this.#exchange = exchange
  }

  async #makeQueue(channel: Channel, queue: string): Promise<void> {
    const {queueType} = this.#wanted.options
    try {
      await channel.assertQueue(queue, {durable: true, expires: this.#expires, arguments: {'x-queue-type': queueType}})
    } catch (error) {
      const exists = /inequivalent arg|RESOURCE_LOCKED/.test(wordsOf(error))
      throw exists ? foreign('queue', queue) : error
    }
    this.#queues.add(queue)
  }
}

async function isThere(desk: Desk, exchange: string): Promise<boolean> {
  try {
    await ask(desk, (channel) => channel.checkExchange(exchange))
    return true
  } catch (error) {
    if (reasonOf(error) === 'NOT_FOUND') return false
    throw error
  }
}

function foreign(what: string, name: string): UsageError {
  return new UsageError(`there is ${what === 'exchange' ? 'an' : 'a'} ${what} ${name} already, which is not ours`, {
    hint: 'remove it if it is of no use to anybody, or run again: each run has names of its own',
  })
}

function* seats(layout: Layout): Generator<number> {
  for (let seat = 0; seat < layout.rooms * layout.fanout; seat++) yield seat
}
