/** What must be in a Redis before messages are carried over it: nothing for channels, streams with their groups for streams. */
import {TargetError, UsageError} from '../../base/errors.js'
import type {CarrierKit, CarrierShare, Site} from '../messaging/carrier.js'
import {oneRedisUrl} from './address.js'
import type {RedisTransport} from './check-layout.js'
import {asRecord} from './entries.js'
import {groupOf} from './lanes.js'
import {RedisLink} from './link.js'
import {type Names, namesOf} from './names.js'
import {isReply, reasonOf, unusable} from './trouble.js'

/** The whole run's share of everything: all its rooms. */
export type SiteShare = Omit<CarrierShare, 'rooms'>

/** Commands under way at once; each names one key, as a cluster wants it. */
const AT_ONCE = 200
/** The newest command that streams need: XTRIM MINID came with 6.2. */
const LEAST_VERSION = '6.2'

/** The site of one run; `remove` ends its connection as well. */
export function redisSite(transport: RedisTransport, share: SiteShare, kit: Pick<CarrierKit, 'random'>): Site {
  return new RedisSite(transport, share, kit)
}

class RedisSite implements Site {
  server: string | undefined
  readonly #transport: RedisTransport
  readonly #share: SiteShare
  readonly #kit: Pick<CarrierKit, 'random'>
  readonly #names: Names
  readonly #place: string
  readonly #made = new Set<string>()
  #link: RedisLink | undefined

  constructor(transport: RedisTransport, share: SiteShare, kit: Pick<CarrierKit, 'random'>) {
    this.#transport = transport
    this.#share = share
    this.#kit = kit
    this.#names = namesOf(share)
    this.#place = oneRedisUrl(share.urls).place
  }

  async prepare(): Promise<void> {
    const link = await this.#open()
    try {
      const {words, number} = versionOf(await infoOf(link))
      this.server = words
      if (this.#transport === 'redis-pubsub') await this.#refuseListeners(link)
      else await this.#makeStreams(link, number, words)
    } catch (error) {
      this.#close()
      throw unusable(link.place, error)
    }
  }
  async remove(): Promise<readonly string[]> {
    const keys = [...this.#made]
    try {
      if (keys.length === 0) return []
      const link = await this.#open()
      await each(keys, async (key) => {
        await link.within(link.client.unlink(key))
        this.#made.delete(key)
      })
    } catch (error) {
      return this.#leftOvers(error)
    } finally {
      this.#close()
    }
    return []
  }

  /** Entries that were not delivered yet, or not acknowledged, over all groups. */
  async depth(): Promise<number | undefined> {
    if (this.#transport === 'redis-pubsub') return undefined
    try {
      const link = await this.#open()
      const depths = await each(this.#rooms, (room) => depthOf(link, this.#names.of(room)))
      return depths.reduce<number | undefined>(
        (sum, one) => (sum === undefined || one === undefined ? undefined : sum + one),
        0,
      )
    } catch {
      return undefined
    }
  }

  get #rooms(): readonly number[] {
    return Array.from({length: this.#share.layout.rooms}, (_, room) => room)
  }

  async #makeStreams(link: RedisLink, version: string | undefined, server: string): Promise<void> {
    if (version !== undefined && version.localeCompare(LEAST_VERSION, 'en', {numeric: true}) < 0)
      throw new TargetError(`redis-stream needs Redis ${LEAST_VERSION} or newer, and this is ${server}`)
    await this.#refuseStrangers(link)
    await each(this.#rooms, (room) => this.#make(link, room))
  }

  async #make(link: RedisLink, room: number): Promise<void> {
    const key = this.#names.of(room)
    // Noted first: when the answer gets lost, it may be there.
    this.#made.add(key)
    for (let place = 0; place < this.#share.layout.fanout; place++)
      await link.within(link.client.call('XGROUP', 'CREATE', key, groupOf(place), '$', 'MKSTREAM'))
  }

  async #refuseStrangers(link: RedisLink): Promise<void> {
    const found = await each(this.#rooms, (room) => link.within(link.client.exists(this.#names.of(room))))
    const strange = found.findIndex((count) => count > 0)
    if (strange >= 0) throw taken(`key '${this.#names.of(strange)}'`, link.place)
  }

  async #refuseListeners(link: RedisLink): Promise<void> {
    const heard = await each(this.#rooms, (room) =>
      link.within(link.client.call('PUBSUB', 'NUMSUB', this.#names.of(room))),
    ).catch((error: unknown) => {
      // Whoever may only publish and subscribe cannot look; that is no reason not to start.
      if (isReply(error)) return []
      throw error
    })
    const strange = heard.findIndex((reply) => Number((reply as readonly unknown[])[1]) > 0)
    if (strange >= 0) throw taken(`somebody who listens to '${this.#names.of(strange)}'`, link.place)
  }

  async #open(): Promise<RedisLink> {
    if (this.#link?.isUp === true) return this.#link
    this.#link?.close()
    const link = new RedisLink(this.#share, this.#kit)
    this.#link = link
    await link.open()
    return link
  }

  #close(): void {
    this.#link?.close()
    this.#link = undefined
  }

  #leftOvers(error: unknown): readonly string[] {
    const keys = [...this.#made]
    const cause = error instanceof Error && 'cause' in error ? error.cause : error
    const [first = ''] = keys
    const which = keys.length === 1 ? `stream ${first}` : `${keys.length} streams, ${first} … ${keys.at(-1) ?? ''},`
    return [`${which} on the Redis at ${this.#place} (${reasonOf(cause)}): UNLINK removes them`]
  }
}

function taken(what: string, place: string): UsageError {
  return new UsageError(`there is ${what} in the Redis at ${place} already, and it is not ours`, {
    hint: 'start again: each run has names of its own',
  })
}

/** Lag and pending entries; Redis before 7.0, or one whose streams were changed by hand, does not tell the lag. */
async function depthOf(link: RedisLink, key: string): Promise<number | undefined> {
  const groups = (await link.within(link.client.call('XINFO', 'GROUPS', key))) as readonly unknown[]
  let depth = 0
  for (const group of groups) {
    const of = asRecord(group)
    const lag = of.get('lag')
    if (typeof lag !== 'number') return undefined
    depth += lag + Number(of.get('pending'))
  }
  return depth
}

/** '' when this user may not ask. */
async function infoOf(link: RedisLink): Promise<string> {
  try {
    return String(await link.within(link.client.call('INFO', 'server')))
  } catch (error) {
    if (isReply(error)) return ''
    throw error
  }
}

/** Valkey names its version beside the Redis version that it is compatible with. */
function versionOf(info: string): {readonly words: string; readonly number: string | undefined} {
  const of = (key: string): string | undefined => new RegExp(`^${key}:(.*?)\\r?$`, 'm').exec(info)?.[1]
  const [valkey, number] = [of('valkey_version'), of('redis_version')]
  return {number, words: valkey === undefined ? `Redis ${number ?? 'of unknown version'}` : `Valkey ${valkey}`}
}

/** The answers in the items' order; rejects with the first error, once nothing of its round is under way. */
async function each<Item, Answer>(
  items: readonly Item[],
  ask: (item: Item) => Promise<Answer>,
): Promise<readonly Answer[]> {
  const answers: Answer[] = []
  for (let first = 0; first < items.length; first += AT_ONCE) {
    const results = await Promise.allSettled(items.slice(first, first + AT_ONCE).map((item) => ask(item)))
    for (const result of results) {
      if (result.status === 'rejected') throw result.reason as Error
      answers.push(result.value)
    }
  }
  return answers
}
