/** One connection that subscribes to the channels of its rooms, and does so again whenever it was lost. */
import type {Ms} from '../../base/units.js'
import type {CarrierKit} from '../messaging/carrier.js'
import {RedisLink, type LinkShare} from './link.js'
import {roomOfName} from './names.js'
import {isReply, unusable} from './trouble.js'

/** A connection that only hears does not notice that the other end is gone, unless it asks. */
const ASK_EVERY: Ms = 1000

export interface Subscription {
  readonly channel: string
  readonly room: number
  readonly seat: number
}

export class Subscriber {
  readonly #link: RedisLink
  readonly #kit: CarrierKit
  readonly #subscriptions: readonly Subscription[]
  readonly #seatOfRoom: ReadonlyMap<number, number>
  readonly #end = new AbortController()
  #isIn = false
  #asking: Promise<void> | undefined

  constructor(share: LinkShare, kit: CarrierKit, subscriptions: readonly Subscription[]) {
    this.#kit = kit
    this.#subscriptions = subscriptions
    this.#seatOfRoom = new Map(subscriptions.map(({room, seat}) => [room, seat]))
    this.#link = new RedisLink(share, kit, {down: (reason) => this.#left(reason), up: () => void this.#enter()})
    this.#link.client.on('messageBuffer', this.#hear)
  }

  /** Resolves once it gets what is published from now on. */
  async open(): Promise<void> {
    await this.#link.open()
    try {
      await this.#subscribe()
    } catch (error) {
      throw unusable(this.#link.place, error)
    }
    this.#isIn = true
    this.#asking = this.#ask()
  }

  async close(): Promise<void> {
    this.#isIn = false
    this.#end.abort()
    this.#link.client.removeAllListeners('messageBuffer')
    this.#link.close()
    await this.#asking
  }

  readonly #hear = (channel: Buffer, text: Buffer): void => {
    const seat = this.#seatOfRoom.get(roomOfName(channel))
    if (seat !== undefined) this.#kit.listener.arrived(seat, text, false)
  }

  #left(reason: string): void {
    const {listener} = this.#kit
    if (this.#isIn) for (const {seat} of this.#subscriptions) listener.left(seat)
    this.#isIn = false
    listener.lost(reason)
  }

  async #enter(): Promise<void> {
    try {
      await this.#subscribe()
    } catch (error) {
      // When the link was lost meanwhile, that has been told.
      if (this.#end.signal.aborted || !isReply(error)) return
      this.#link.cut(error)
      return
    }
    if (this.#end.signal.aborted || this.#isIn) return
    this.#isIn = true
    for (const {seat} of this.#subscriptions) this.#kit.listener.entered(seat)
  }

  async #subscribe(): Promise<void> {
    await this.#link.within(this.#link.client.subscribe(...this.#subscriptions.map(({channel}) => channel)))
  }

  async #ask(): Promise<void> {
    const {signal} = this.#end
    while (!signal.aborted) {
      await this.#kit.clock.sleep(ASK_EVERY, signal)
      if (this.#isIn) this.#link.within(this.#link.client.ping()).catch(() => undefined)
    }
  }
}
