/** Keeps the node subscribed to the rooms it wants, with one SUBSCRIBE for all rooms of one turn of the event loop. */
import type {Bus} from './bus.js'

const PREFIX = 'room:'
/** Channels in one SUBSCRIBE; keeps the command small while thousands of rooms are restored. */
const CHUNK = 500
const RESTORE_AGAIN_MS = 1000

export function channelOf(room: string): string {
  return PREFIX + room
}

export function roomOf(channel: string): string | undefined {
  return channel.startsWith(PREFIX) ? channel.slice(PREFIX.length) : undefined
}

export class Subscriptions {
  readonly #wanted = new Set<string>()
  #batch: string[] = []
  #confirmed: Promise<void> | undefined
  #deaf = false
  #again: NodeJS.Timeout | undefined

  constructor(private readonly bus: Bus) {}

  /** Resolves once Redis confirmed the room; rejects when it did not, and the room is then no longer wanted. */
  want(room: string): Promise<void> {
    this.#wanted.add(room)
    if (this.#deaf) return Promise.resolve()
    this.#batch.push(channelOf(room))
    this.#confirmed ??= new Promise((resolve, reject) => {
      setImmediate(() => void this.#subscribeBatch().then(resolve, reject))
    })
    return this.#confirmed
  }

  /** Rooms that nobody is in any more. */
  async drop(rooms: readonly string[]): Promise<void> {
    for (const room of rooms) this.#wanted.delete(room)
    if (!this.#deaf) await this.bus.unsubscribe(rooms.map(channelOf))
  }

  /** Subscribes to all that is wanted, after the link came back; tries until it succeeds or `close`. */
  async restore(): Promise<void> {
    clearTimeout(this.#again)
    if (this.#deaf) return
    const channels = [...this.#wanted].map(channelOf)
    const parts = Array.from({length: Math.ceil(channels.length / CHUNK)}, (_, part) =>
      channels.slice(part * CHUNK, (part + 1) * CHUNK),
    )
    try {
      await Promise.all(parts.map((part) => this.bus.subscribe(part)))
    } catch {
      this.#again = setTimeout(() => void this.restore(), RESTORE_AGAIN_MS)
    }
  }

  /** A deaf node hears no broadcast: its channels are not subscribed, though joins are answered (a defect). */
  async setDeaf(deaf: boolean): Promise<void> {
    if (deaf === this.#deaf) return
    this.#deaf = deaf
    await (deaf ? this.bus.unsubscribe([...this.#wanted].map(channelOf)) : this.restore())
  }

  close(): void {
    clearTimeout(this.#again)
  }

  async #subscribeBatch(): Promise<void> {
    const batch = this.#batch
    this.#batch = []
    this.#confirmed = undefined
    try {
      await this.bus.subscribe(batch)
    } catch (error) {
      for (const channel of batch) this.#wanted.delete(channel.slice(PREFIX.length))
      throw error
    }
  }
}
