/** One connection to a shard and the messages that wait for it: one batch under way, the next leaves when it has ended. */
import type {Clock} from '../../base/clock.js'
import type {Random} from '../../base/random.js'
import type {Bytes, Ms} from '../../base/units.js'
import type {CarrierListener, Outgoing} from '../messaging/carrier.js'
import type {Door} from './connect.js'
import {Link} from './link.js'
import type {Session} from './session.js'
import {outcomeOf, reasonOf} from './trouble.js'

/** What a batch holds at most, and what waits for the next ones at most; a message that is larger than that still travels, alone. */
export interface LaneLimits {
  readonly batchRows: number
  readonly batchBytes: Bytes
  readonly waitingRows: number
  readonly waitingBytes: Bytes
}

export const LIMITS: LaneLimits = {
  batchRows: 1000,
  batchBytes: 4 * 1024 ** 2,
  waitingRows: 20_000,
  waitingBytes: 16 * 1024 ** 2,
}

/** For the batch under way when the lane is closed; it is cut then, and its outcome unknown. */
const END_WITHIN: Ms = 1000

export interface LaneOptions {
  readonly door: Door
  readonly insert: string
  readonly limits: LaneLimits
  readonly clock: Clock
  readonly random: Random
  readonly listener: CarrierListener
}

export class Lane {
  readonly #link: Link
  #session: Session | undefined
  #waiting: Outgoing[] = []
  #since: Ms[] = []
  #bytes: Bytes = 0
  #batch: Promise<void> | undefined
  #woken = false

  constructor(private readonly options: LaneOptions) {
    const {door, clock, random} = options
    const listener = {up: (session: Session) => this.#up(session), down: (reason: string) => this.#down(reason)}
    this.#link = new Link({door, clock, random, listener})
  }

  /** Rejects with the server's error, or with the socket's. */
  async open(): Promise<Session> {
    return this.#link.open()
  }

  /** False: there is no connection, or too much waits for it already. */
  offer(message: Outgoing): boolean {
    const {waitingRows, waitingBytes} = this.options.limits
    const full = this.#waiting.length >= waitingRows || this.#bytes >= waitingBytes
    if (full || this.#session?.isOpen !== true) return false
    this.#waiting.push(message)
    this.#since.push(this.options.clock.now())
    this.#bytes += message.text.length
    if (this.#batch === undefined) this.#wake()
    return true
  }

  /** Waits for the batch under way, a second at most; never rejects. */
  async close(): Promise<void> {
    this.#drop('closed')
    this.#session = undefined
    const over = new AbortController()
    await Promise.race([this.#batch, this.options.clock.sleep(END_WITHIN, over.signal)])
    over.abort()
    await this.#link.close()
    await this.#batch
  }

  #up(session: Session): void {
    this.#session = session
    this.#wake()
  }

  #down(reason: string): void {
    this.#session = undefined
    this.#drop(reason)
    this.options.listener.lost(reason)
  }

  /** What is published in the same turn of the event loop leaves together. */
  #wake(): void {
    if (this.#woken) return
    this.#woken = true
    setImmediate(() => {
      this.#woken = false
      this.#batch ??= this.#drain().finally(() => (this.#batch = undefined))
    })
  }

  async #drain(): Promise<void> {
    for (;;) {
      const session = this.#session
      if (session?.isOpen !== true) return
      const batch = this.#take()
      if (batch.length === 0) return
      await this.#send(session, batch)
    }
  }

  async #send(session: Session, batch: readonly Outgoing[]): Promise<void> {
    const {insert, listener} = this.options
    const values = [batch.map(({room}) => room), batch.map(({voice}) => voice), batch.map(({text}) => text)]
    try {
      await session.ask(insert, values)
      for (const {ticket} of batch) listener.answered(ticket, 'accepted')
    } catch (error) {
      const [outcome, reason] = [outcomeOf(error), reasonOf(error)]
      for (const {ticket} of batch) listener.answered(ticket, outcome, reason)
    }
  }

  /** The next batch. What has waited for as long as an answer may take was not sent, and is not sent any more. */
  #take(): readonly Outgoing[] {
    const {clock, door, limits, listener} = this.options
    const oldest = clock.now() - door.timeoutMs
    const late = this.#since.findIndex((since) => since >= oldest)
    const expired = this.#shift(late < 0 ? this.#since.length : late)
    for (const {ticket} of expired) listener.answered(ticket, 'failed', 'waited')
    let [rows, bytes] = [0, 0]
    for (const {text} of this.#waiting) {
      if (rows >= limits.batchRows || (rows > 0 && bytes + text.length > limits.batchBytes)) break
      rows += 1
      bytes += text.length
    }
    return this.#shift(rows)
  }

  #shift(count: number): readonly Outgoing[] {
    const taken = this.#waiting.splice(0, count)
    this.#since.splice(0, count)
    for (const {text} of taken) this.#bytes -= text.length
    return taken
  }

  #drop(reason: string): void {
    for (const {ticket} of this.#shift(this.#waiting.length)) {
      this.options.listener.answered(ticket, 'failed', reason)
    }
  }
}
