/** All connections of a share that publish, one for each publisher that speaks in its rooms. */
import type {CarrierKit, CarrierShare, Outgoing} from '../messaging/carrier.js'
import {publisherOf, voicesIn} from '../messaging/layout.js'
import {nodeOf} from './address.js'
import {openTogether} from './open-together.js'
import type {Opening} from './posting.js'
import {Publisher} from './publisher.js'

/** Of texts that wait for their answer, over all connections of a share. */
const MOST_BYTES = 64 * 2 ** 20
const LOOKS_IN_A_TIMEOUT = 20

export class Publishers {
  readonly #share: CarrierShare
  readonly #kit: CarrierKit
  readonly #byNumber = new Map<number, Publisher>()
  readonly #openings = new Map<number, Opening>()
  readonly #end = new AbortController()
  readonly #filled = new Set<Publisher>()
  #looking: Promise<void> | undefined

  /** @param share with several URLs the connections take turns with them */
  constructor(share: CarrierShare, kit: CarrierKit, opening: (room: number) => Opening) {
    this.#share = share
    this.#kit = kit
    const numbers = new Set<number>()
    for (let room = share.rooms.first; room < share.rooms.end; room++) {
      this.#openings.set(room, opening(room))
      const {first, end} = voicesIn(share.layout, room)
      for (let voice = first; voice < end; voice++) numbers.add(publisherOf(share.layout, voice))
    }
    for (const number of numbers) {
      const own = {...share, urls: nodeOf(share.urls, number)}
      this.#byNumber.set(number, new Publisher(own, kit, MOST_BYTES / numbers.size))
    }
  }

  async open(): Promise<void> {
    await openTogether([...this.#byNumber.values()], ({link}) => link.open())
    this.#looking = this.#look()
  }

  publish({room, voice, ticket, text}: Outgoing): boolean {
    const publisher = this.#byNumber.get(publisherOf(this.#share.layout, voice))
    const opening = this.#openings.get(room)
    if (publisher === undefined || opening === undefined) throw new RangeError(`room ${room} is not of this share`)
    if (!publisher.publish(opening, {ticket, text})) return false
    if (this.#filled.size === 0) setImmediate(this.#flush)
    this.#filled.add(publisher)
    return true
  }

  async close(): Promise<void> {
    this.#end.abort()
    this.#filled.clear()
    for (const publisher of this.#byNumber.values()) publisher.close()
    await this.#looking
  }

  readonly #flush = (): void => {
    const filled = [...this.#filled]
    this.#filled.clear()
    for (const publisher of filled) publisher.flush()
  }

  async #look(): Promise<void> {
    const {clock} = this.#kit
    while (!this.#end.signal.aborted) {
      await clock.sleep(this.#share.timeoutMs / LOOKS_IN_A_TIMEOUT, this.#end.signal)
      const now = clock.now()
      for (const publisher of this.#byNumber.values()) publisher.expire(now)
    }
  }
}
