/** One connection that publishes: what is given to it in one turn of the event loop leaves in one piece, and each message gets one answer. */
import type {Ms} from '../../base/units.js'
import type {CarrierKit, Outcome} from '../messaging/carrier.js'
import type {LinkShare} from './link.js'
import {RedisLink} from './link.js'
import {Posting, writeTogether, type Opening} from './posting.js'
import {isReply, reasonOf} from './trouble.js'

/** More than 1 s at 10,000 a second; what a server that answers has under way is a few hundred. */
const MOST_UNANSWERED = 16_384

/** What ioredis says of what it did not send: the link was down. */
const NOT_SENT = 'enableOfflineQueue options is false'

interface Letter {
  readonly ticket: number
  readonly text: string
}

export class Publisher {
  readonly link: RedisLink
  readonly #kit: CarrierKit
  readonly #mostBytes: number
  readonly #timeoutMs: Ms
  /** In the order in which they were sent. */
  readonly #unanswered = new Set<Posting>()
  #bytes = 0
  #batch: Posting[] = []
  /** Since when nothing has come, though something was asked; known from the first answer that is overdue. */
  #silentSince: Ms | undefined

  /** @param mostBytes of unanswered texts; one message is always taken */
  constructor(share: LinkShare, kit: CarrierKit, mostBytes: number) {
    this.#kit = kit
    this.#mostBytes = mostBytes
    this.#timeoutMs = share.timeoutMs
    this.link = new RedisLink(share, kit, {down: (reason) => kit.listener.lost(reason)})
  }

  /** False: the link is down, or so much is unanswered that there is no room for more. */
  publish(opening: Opening, letter: Letter): boolean {
    if (!this.link.isUp || !this.#hasRoomFor(letter.text.length)) return false
    const posting = new Posting(opening, letter, this.#kit.clock.now(), this.#settle)
    this.#unanswered.add(posting)
    this.#bytes += posting.size
    this.#batch.push(posting)
    return true
  }

  /** Sends what was published since the last time. */
  flush(): void {
    const batch = this.#batch
    if (batch.length === 0) return
    this.#batch = []
    const {client, server} = this.link
    if (server === undefined) for (const posting of batch) client.sendCommand(posting)
    else if (this.link.isUp) writeTogether(server, batch)
    else for (const posting of batch) this.#answer(posting, 'failed', 'not sent')
  }

  /** Gives up what has waited too long; its answer may still come, and is passed over. A link that is silent for two timeouts is dead, and cut. */
  expire(now: Ms): void {
    for (const posting of this.#unanswered) {
      if (now - posting.sentAt < this.#timeoutMs) break
      this.#silentSince ??= posting.sentAt
      this.#answer(posting, 'unknown', 'timeout')
    }
    if (this.#silentSince === undefined || now - this.#silentSince < 2 * this.#timeoutMs) return
    this.#silentSince = undefined
    this.link.cut()
  }

  close(): void {
    for (const posting of this.#batch) this.#answer(posting, 'failed', 'not sent')
    this.#batch = []
    for (const posting of this.#unanswered) this.#answer(posting, 'unknown', 'closed')
    this.link.close()
  }

  #hasRoomFor(bytes: number): boolean {
    const count = this.#unanswered.size
    return count === 0 || (count < MOST_UNANSWERED && this.#bytes + bytes <= this.#mostBytes)
  }

  readonly #settle = (posting: Posting, error: Error | undefined): void => {
    this.#silentSince = undefined
    if (error === undefined) this.#answer(posting, 'accepted')
    else if (error.message.endsWith(NOT_SENT)) this.#answer(posting, 'failed', 'not sent')
    else if (isReply(error)) this.#answer(posting, 'failed', reasonOf(error))
    else this.#answer(posting, 'unknown', 'closed')
  }

  #answer(posting: Posting, outcome: Outcome, reason?: string): void {
    if (!this.#unanswered.delete(posting)) return
    this.#bytes -= posting.size
    this.#kit.listener.answered(posting.ticket, outcome, reason)
  }
}
