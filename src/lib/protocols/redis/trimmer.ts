/** Takes out of the streams what every group has acknowledged, so that a long run does not fill the server's memory. */
import type {Ms} from '../../base/units.js'
import type {CarrierKit, CarrierShare} from '../messaging/carrier.js'
import {asRecord, earlierId} from './entries.js'
import {RedisLink} from './link.js'
import {namesOf} from './names.js'

/** 10,000 messages of 256 B a second make about 3 MB between two rounds. */
const EVERY: Ms = 1000
/** Streams that are asked about in one piece. */
const AT_ONCE = 50
const NOTHING = '0-0'

export class Trimmer {
  readonly #link: RedisLink
  readonly #kit: CarrierKit
  readonly #keys: readonly string[]
  readonly #fanout: number
  /** Up to where each stream was trimmed. */
  readonly #trimmed = new Map<string, string>()
  readonly #end = new AbortController()
  #trimming: Promise<void> | undefined

  constructor(share: CarrierShare, kit: CarrierKit) {
    const {first, end} = share.rooms
    const names = namesOf(share)
    this.#kit = kit
    this.#fanout = share.layout.fanout
    this.#keys = Array.from({length: end - first}, (_, index) => names.of(first + index))
    this.#link = new RedisLink(share, kit, {down: (reason) => kit.listener.lost(reason)})
  }

  async open(): Promise<void> {
    await this.#link.open()
    this.#trimming = this.#run()
  }

  async close(): Promise<void> {
    this.#end.abort()
    this.#link.close()
    await this.#trimming
  }

  async #run(): Promise<void> {
    const {signal} = this.#end
    while (!signal.aborted) {
      await this.#kit.clock.sleep(EVERY, signal)
      // What cannot be trimmed now is trimmed the next time.
      for (let first = 0; first < this.#keys.length && this.#link.isUp; first += AT_ONCE)
        await this.trim(this.#keys.slice(first, first + AT_ONCE)).catch(() => undefined)
    }
  }

  /**
   * Removes entries before the first one that some group still needs. It never removes one that is not acknowledged: `last-delivered-id` is asked for first and
   * only grows, and the pending ones of that moment are those that XPENDING names afterwards, but for those acknowledged meanwhile.
   */
  async trim(keys: readonly string[]): Promise<void> {
    if (!this.#link.isUp) return
    const groups = await this.#each(keys, (key) => ['XINFO', 'GROUPS', key])
    const states = keys.map((key, index) => ({key, groups: groupStates(groups[index])}))
    const asked = states.flatMap(({key, groups}) =>
      groups.filter(({pending}) => pending > 0).map(({name}) => ({key, name})),
    )
    const firsts = await this.#each(asked, ({key, name}) => ['XPENDING', key, name])
    const due = states
      .filter(({groups}) => groups.length >= this.#fanout)
      .map(({key, groups}) => ({
        key,
        until: [
          ...groups.map(({delivered}) => delivered),
          ...asked.flatMap((one, index) => (one.key === key ? firstPending(firsts[index]) : [])),
        ].reduce(earlierId),
      }))
      .filter(({key, until}) => until !== NOTHING && until !== this.#trimmed.get(key))
    await this.#each(due, ({key, until}) => ['XTRIM', key, 'MINID', '~', until])
    for (const {key, until} of due) this.#trimmed.set(key, until)
  }

  /** The answers in the items' order; rejects with the first error. */
  #each<Item>(items: readonly Item[], words: (item: Item) => readonly string[]): Promise<readonly unknown[]> {
    return Promise.all(
      items.map((item) => {
        const [command = '', ...rest] = words(item)
        return this.#link.within(this.#link.client.call(command, ...rest))
      }),
    )
  }
}

interface GroupState {
  readonly name: string
  readonly pending: number
  readonly delivered: string
}

function groupStates(reply: unknown): readonly GroupState[] {
  return (Array.isArray(reply) ? reply : []).map((group) => {
    const of = asRecord(group)
    return {
      name: String(of.get('name')),
      pending: Number(of.get('pending')),
      delivered: of.get('last-delivered-id') as string,
    }
  })
}

/** XPENDING's answer: how many, the first, the last, and whose. */
function firstPending(reply: unknown): readonly string[] {
  const [count, first] = Array.isArray(reply) ? (reply as readonly unknown[]) : []
  return Number(count) > 0 && typeof first === 'string' ? [first] : []
}
