/** Keeps the node subscribed to the rooms it wants, with one SUBSCRIBE for all rooms of one turn of the event loop. */
import type {Bus} from './bus.js'

const PREFIX = 'room:'
/** Channels in one SUBSCRIBE; keeps the command small while thousands of rooms are restored. */
const CHUNK = 500

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

  constructor(private readonly bus: Bus) {}

  get deaf(): boolean {
    return this.#deaf
  }

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

  /** Subscribes to all that is wanted, after the link came back; rejects when Redis does not confirm it. */
  async restore(): Promise<void> {
    if (this.#deaf) return
    const channels = [...this.#wanted].map(channelOf)
    const parts = Array.from({length: Math.ceil(channels.length / CHUNK)}, (_, part) =>
      channels.slice(part * CHUNK, (part + 1) * CHUNK),
    )
    await Promise.all(parts.map((part) => this.bus.subscribe(part)))
  }

  /** A deaf node hears no broadcast: its channels are not subscribed, though joins are answered (a defect). */
  async setDeaf(deaf: boolean): Promise<void> {
    if (deaf === this.#deaf) return
    this.#deaf = deaf
    const done = deaf ? this.bus.unsubscribe([...this.#wanted].map(channelOf)) : this.restore()
    // A link that is lost has nothing subscribed, and is restored as a whole when it is back.
    await done.catch(() => undefined)
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
