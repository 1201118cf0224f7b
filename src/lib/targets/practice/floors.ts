/** From which message on the members of a room are to hear everything: what is older was published before they came. */
import type {Bus} from './bus.js'
import type {Heard} from './heard.js'
import type {Room} from './members.js'
import type {Shards} from './shards.js'

/** Asks for all rooms of the meantime at once, one question at a time. */
export class Floors {
  readonly #asking = new Set<Room>()
  #busy = false
  #outages = 0

  constructor(
    private readonly shards: Shards,
    private readonly heard: readonly Heard[],
    private readonly bus: Pick<Bus, 'heard'>,
  ) {}

  /** The room is heard from now on: its floor is the newest message there is, and until that is known the newest one heard here. */
  set(room: Room): void {
    room.floor = this.heard[this.shards.placing(room.name)]?.newest ?? 0
    this.#asking.add(room)
    if (!this.#busy) void this.#ask()
  }

  /** Nothing is heard any more: an answer that is still to come would name messages that nobody heard. */
  lost(): void {
    this.#outages++
    this.#asking.clear()
  }

  async #ask(): Promise<void> {
    this.#busy = true
    while (this.#asking.size > 0) {
      const rooms = [...this.#asking]
      const outages = this.#outages
      this.#asking.clear()
      const newest = await this.#newestHeard().catch(() => [])
      if (outages !== this.#outages) continue
      for (const room of rooms) room.floor = Math.max(room.floor ?? 0, newest[this.shards.placing(room.name)] ?? 0)
    }
    this.#busy = false
  }

  /** Of each shard, with proof that the link was not lost by then, unnoticed. */
  async #newestHeard(): Promise<readonly number[]> {
    const newest = await Promise.all(this.shards.all.map((store) => store.newest()))
    await this.bus.heard()
    return newest
  }
}
