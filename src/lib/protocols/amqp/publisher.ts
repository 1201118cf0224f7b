/** One publisher: a channel with confirms, and what becomes of each message that went into it. */
import type {ConfirmChannel} from 'amqplib'
import type {Ms} from '../../base/units.js'
import type {CarrierListener, Outgoing, Outcome} from '../messaging/carrier.js'
import type {Backlog} from './backlog.js'
import {Lane} from './lane.js'
import type {Line, LineKit} from './line.js'
import {reasonOf} from './reasons.js'

export interface Route {
  readonly exchange: string
  readonly key: string
  /** Whether it ends in one queue at most, so that a refusal holds for all; of several, one may refuse what another has taken. */
  readonly single: boolean
}

/** Connections are shared: all publishers of one have one backlog. */
export interface Trunk {
  readonly line: Line
  readonly backlog: Backlog
}

/** From writing to the answer. */
interface Sending {
  readonly ticket: number
  readonly bytes: number
  readonly single: boolean
  readonly sentAt: Ms
  answered: boolean
}

/** What is known of one channel; the next one begins anew. */
interface Life {
  over: boolean
  reason: string
  /** Names of messages that no queue wanted; the server tells so before it confirms them all the same. */
  readonly returned: Set<string>
}

/** Answered ones are let go of in heaps of this many, as cutting the front off a long list costs as much as its length. */
const HEAP = 1024

export class Publisher {
  readonly #trunk: Trunk
  readonly #timeoutMs: Ms
  readonly #kit: LineKit
  readonly #listener: CarrierListener
  readonly #lane: Lane<ConfirmChannel>
  #life: Life = {over: true, reason: 'closed', returned: new Set()}
  /** In the order in which they were sent, which is that of their limits of time too; those before `#first` are answered. */
  #sendings: Sending[] = []
  #first = 0

  constructor(trunk: Trunk, timeoutMs: Ms, kit: LineKit, listener: CarrierListener) {
    this.#trunk = trunk
    this.#timeoutMs = timeoutMs
    this.#kit = kit
    this.#listener = listener
    this.#lane = new Lane(trunk.line, timeoutMs, kit, {
      create: (model) => model.createConfirmChannel(),
      prepare: (channel) => {
        this.#begin(channel)
        return Promise.resolve()
      },
    })
  }

  open(): Promise<void> {
    return this.#lane.open()
  }

  close(): Promise<void> {
    return this.#lane.close()
  }

  /** False when there is no channel, or the server does not take more for now; nothing was sent then. */
  publish({exchange, key, single}: Route, {ticket, text}: Outgoing): boolean {
    const {line, backlog} = this.#trunk
    const channel = this.#lane.channel
    if (!channel || line.blocked || !backlog.add(text.length)) return false
    const life = this.#life
    const sending = {ticket, bytes: text.length, single, sentAt: this.#kit.clock.now(), answered: false}
    // A message that must outlive the server, that may not vanish for want of a queue, and that is known by its name when it comes back.
    const options = {persistent: true, mandatory: true, messageId: nameOf(ticket)}
    try {
      channel.publish(exchange, key, Buffer.from(text, 'latin1'), options, (error: unknown) => {
        this.#settle(sending, life, error === null)
      })
    } catch {
      // The channel is about to close: nothing was written.
      backlog.remove(text.length)
      return false
    }
    this.#sendings.push(sending)
    return true
  }

  /** Gives up on what has waited too long; to be called now and then. */
  giveUp(now: Ms): void {
    for (let next = this.#sendings[this.#first]; next; next = this.#sendings[this.#first]) {
      if (!next.answered && now - next.sentAt < this.#timeoutMs) break
      this.#answer(next, 'unknown', 'timeout')
      this.#first++
    }
    if (this.#first < HEAP && this.#first < this.#sendings.length) return
    this.#sendings = this.#sendings.slice(this.#first)
    this.#first = 0
  }

  #begin(channel: ConfirmChannel): void {
    const life: Life = {over: false, reason: 'closed', returned: new Set()}
    channel.on('error', (error: Error) => {
      life.reason = reasonOf(error)
    })
    // amqplib tells each message of the end in a listener of its own, with the same words as for a refusal: this one must come first.
    channel.prependListener('close', () => {
      life.over = true
    })
    channel.on('return', ({properties}) => life.returned.add(String(properties.messageId)))
    this.#life = life
  }

  /** Its bytes are no longer ours when the server has them, however late, or when the channel takes them with it. */
  #settle(sending: Sending, life: Life, accepted: boolean): void {
    this.#trunk.backlog.remove(sending.bytes)
    const unroutable = life.returned.size > 0 && life.returned.delete(nameOf(sending.ticket))
    if (life.over) this.#answer(sending, 'unknown', life.reason)
    else if (unroutable) this.#answer(sending, 'failed', 'unroutable')
    else if (accepted) this.#answer(sending, 'accepted')
    else this.#answer(sending, sending.single ? 'failed' : 'unknown', 'nack')
  }

  #answer(sending: Sending, outcome: Outcome, reason?: string): void {
    if (sending.answered) return
    sending.answered = true
    this.#listener.answered(sending.ticket, outcome, reason)
  }
}

function nameOf(ticket: number): string {
  return ticket.toString(36)
}
