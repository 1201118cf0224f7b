/** A message's way: into the store, then to the other nodes, then the ack; in order, and never dropped in silence. */
import type {Bus} from './bus.js'
import type {Counts} from './counts.js'
import {ackFrame, messageText, refusedFrame} from './frames.js'
import {MAX_BATCH, MAX_PENDING_MESSAGES} from './limits.js'
import type {Member} from './members.js'
import type {Output} from './output.js'
import type {MessageStore} from './store.js'
import {channelOf} from './subscriptions.js'

/** One message on its way; `id` is the sender's own number for it. */
export interface Pending {
  readonly member: Member
  readonly room: string
  readonly id: number
  readonly body: string
}

interface Parts {
  readonly store: MessageStore
  readonly bus: Bus
  readonly output: Output
  readonly counts: Counts
}

/**
 * Stores batch after batch: the next one begins when the last one ended, so a message waits for one insert at low
 * rates and batches grow with the load. Redis gets each batch on one connection, hence in the same order.
 */
export class Publishing {
  #queue: Pending[] = []
  #storing = false

  constructor(private readonly parts: Parts) {}

  accept(message: Pending): void {
    if (this.#queue.length >= MAX_PENDING_MESSAGES) {
      this.#refuse([message], 'too busy')
      return
    }
    this.#queue.push(message)
    if (this.#storing) return
    this.#storing = true
    setImmediate(() => void this.#storeAll())
  }

  async #storeAll(): Promise<void> {
    while (this.#queue.length > 0) {
      const batch = this.#queue.slice(0, MAX_BATCH)
      this.#queue = this.#queue.slice(MAX_BATCH)
      await this.#storeOne(batch)
    }
    this.#storing = false
  }

  async #storeOne(batch: readonly Pending[]): Promise<void> {
    try {
      const ids = await this.parts.store.save({
        rooms: batch.map((message) => message.room),
        senders: batch.map((message) => message.member.user),
        bodies: batch.map((message) => message.body),
      })
      void this.#broadcast(batch, ids)
    } catch (error) {
      this.#refuse(batch, `not stored: ${reasonOf(error)}`)
    }
  }

  async #broadcast(batch: readonly Pending[], ids: readonly number[]): Promise<void> {
    const messages = batch.map(({member, room, body}, index) => ({
      channel: channelOf(room),
      text: messageText({room, from: member.user, id: ids[index] ?? 0, body}),
    }))
    const failures = await this.#publish(messages)
    for (const [index, message] of batch.entries()) {
      const failure = failures[index]
      if (failure !== undefined) this.#refuse([message], `stored, but not sent: ${failure.message}`)
      else this.#acknowledge(message, ids[index] ?? 0)
    }
  }

  async #publish(messages: Parameters<Bus['publish']>[0]): Promise<readonly (Error | undefined)[]> {
    try {
      return await this.parts.bus.publish(messages)
    } catch (error) {
      return messages.map(() => new Error(reasonOf(error)))
    }
  }

  #acknowledge(message: Pending, id: number): void {
    this.parts.counts.published++
    this.parts.output.send(message.member, ackFrame(message.id, id))
  }

  #refuse(batch: readonly Pending[], reason: string): void {
    this.parts.counts.refused += batch.length
    for (const message of batch) this.parts.output.send(message.member, refusedFrame(reason, message.id))
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
