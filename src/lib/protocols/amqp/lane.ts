/** A channel that comes back: with its connection, and also when the server closes the channel alone. */
import type {Channel, ChannelModel} from 'amqplib'
import {fullJitter} from '../../base/random.js'
import type {Ms} from '../../base/units.js'
import {within} from './connect.js'
import {BACKOFF, FAREWELL_MS, type Line, type LineKit} from './line.js'
import {reasonOf} from './reasons.js'

/** How a channel is made and got ready; called again for each that follows it. */
export interface Ways<Kind extends Channel> {
  create(model: ChannelModel): Promise<Kind>
  prepare(channel: Kind): Promise<void>
}

/** A channel that lived as long as this was well; one that did not makes the next one wait longer. */
const WELL_MS: Ms = 5000

export class Lane<Kind extends Channel> {
  readonly #line: Line
  readonly #timeoutMs: Ms
  readonly #kit: LineKit
  readonly #ways: Ways<Kind>
  #channel: Kind | undefined
  #attempt = 0
  #ended = false

  constructor(line: Line, timeoutMs: Ms, kit: LineKit, ways: Ways<Kind>) {
    this.#line = line
    this.#timeoutMs = timeoutMs
    this.#kit = kit
    this.#ways = ways
  }

  /** Undefined while there is none. */
  get channel(): Kind | undefined {
    return this.#channel
  }

  /** The first time: rejects with the error of the server. */
  async open(): Promise<void> {
    await this.#open(await this.#timed(this.#line.up()))
  }

  /** Gives the channel up; another takes its place. */
  renew(reason: string): void {
    const channel = this.#channel
    if (!channel || this.#ended) return
    this.#kit.lost(reason)
    channel.close().catch(() => undefined)
  }

  /** After all that was sent over it has left. */
  async close(): Promise<void> {
    this.#ended = true
    const channel = this.#channel
    if (channel && !this.#line.blocked)
      await within(FAREWELL_MS, this.#kit.clock, channel.close()).catch(() => undefined)
  }

  async #open(model: ChannelModel): Promise<void> {
    const {clock} = this.#kit
    const channel = await this.#timed(this.#ways.create(model))
    channel.on('error', (error: Error) => {
      if (!this.#ended) this.#kit.lost(reasonOf(error))
    })
    await this.#timed(this.#ways.prepare(channel))
    const since = clock.now()
    channel.once('close', () => {
      this.#channel = undefined
      this.#attempt = clock.now() - since < WELL_MS ? this.#attempt + 1 : 0
      if (!this.#ended) void this.#reopen()
    })
    this.#channel = channel
  }

  async #reopen(): Promise<void> {
    const {clock, random} = this.#kit
    for (; !this.#isOver(); this.#attempt++) {
      await clock.sleep(fullJitter({attempt: this.#attempt, ...BACKOFF}, random))
      try {
        if (!this.#isOver()) await this.#open(await this.#line.up())
        return
      } catch {
        // What went wrong was told where it happened, by the channel's error or by the connection.
      }
    }
  }

  #isOver(): boolean {
    return this.#ended || this.#line.isOver()
  }

  /** A server that keeps the connection but does not answer is as good as gone. */
  async #timed<Result>(work: Promise<Result>): Promise<Result> {
    try {
      return await within(this.#timeoutMs, this.#kit.clock, work)
    } catch (error) {
      if (reasonOf(error) === 'timeout') this.#line.cut()
      throw error
    }
  }
}
