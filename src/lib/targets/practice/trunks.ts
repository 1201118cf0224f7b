/** Many channels share a few trunks, so that all that is published at once travels in a few messages of Redis. */
import type {BusMessage} from './bus.js'
import {stableHash} from './stable-hash.js'

/** More of them would let a node hear less that is none of its business, and make more messages of one batch. */
const TRUNKS = 8
const PREFIX = 'practice:trunk:'
/** No channel and no JSON text holds it. */
const [SEPARATOR, SEPARATOR_BYTE] = ['\0', 0]
/** Characters in one message of Redis, unless a single text has more. */
const MAX_LOAD = 256 * 1024

export function trunkOf(channel: string): string {
  return `${PREFIX}${stableHash(channel) % TRUNKS}`
}

/** What goes over one trunk in one message. */
export interface Load {
  readonly trunk: string
  readonly text: string
  /** Places of its messages in what was packed. */
  readonly places: readonly number[]
}

interface Growing extends Load {
  text: string
  readonly places: number[]
}

/** Messages of one trunk stay in order. */
export function pack(messages: readonly BusMessage[]): readonly Load[] {
  const loads: Growing[] = []
  const open = new Map<string, Growing>()
  for (const [place, {channel, text}] of messages.entries()) {
    const trunk = trunkOf(channel)
    const load = open.get(trunk)
    if (load === undefined || load.text.length + text.length > MAX_LOAD) {
      const fresh = {trunk, text: channel + SEPARATOR + text, places: [place]}
      open.set(trunk, fresh)
      loads.push(fresh)
    } else {
      load.text += SEPARATOR + channel + SEPARATOR + text
      load.places.push(place)
    }
  }
  return loads
}

/** The texts are parts of `load`, not copies. */
export function unpack(load: Buffer, take: (channel: string, text: Buffer) => void): void {
  for (let start = 0; start < load.length;) {
    const middle = load.indexOf(SEPARATOR_BYTE, start)
    if (middle < 0) return
    const next = load.indexOf(SEPARATOR_BYTE, middle + 1)
    const end = next < 0 ? load.length : next
    take(load.toString('utf8', start, middle), load.subarray(middle + 1, end))
    start = end + 1
  }
}

/** Which channels are heard, and so which trunks. */
export class Tuning {
  readonly #channels = new Map<string, Set<string>>()

  /** Returns the trunks on which the channels come. */
  add(channels: readonly string[]): readonly string[] {
    for (const channel of channels) {
      const trunk = trunkOf(channel)
      const known = this.#channels.get(trunk)
      if (known === undefined) this.#channels.set(trunk, new Set([channel]))
      else known.add(channel)
    }
    return [...new Set(channels.map(trunkOf))]
  }

  /** Returns the trunks on which nothing is heard any more. */
  remove(channels: readonly string[]): readonly string[] {
    for (const channel of channels) this.#channels.get(trunkOf(channel))?.delete(channel)
    const silent = [...new Set(channels.map(trunkOf))].filter((trunk) => this.#channels.get(trunk)?.size === 0)
    for (const trunk of silent) this.#channels.delete(trunk)
    return silent
  }

  hears(trunk: string, channel: string): boolean {
    return this.#channels.get(trunk)?.has(channel) === true
  }
}
