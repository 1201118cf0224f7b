/** A bus and a store in memory, which fail on request. */
import type {Bus, BusEvents, BusMessage, SeatClaim} from '../../../src/lib/targets/practice/bus.js'
import type {
  HistoryPage,
  MessageStore,
  MissedMessage,
  MissedPage,
  NewMessages,
  StoredMessage,
} from '../../../src/lib/targets/practice/store.js'

export class MemoryBus implements Bus {
  readonly links = {up: true, losses: 0, attempts: 0}
  delay = () => 0
  /** Every SUBSCRIBE and UNSUBSCRIBE, with its channels. */
  readonly calls: string[] = []
  readonly channels = new Set<string>()
  failure: Error | undefined
  /** Seats that other nodes hold in every room. */
  elsewhere = 0
  /** What this node last said of each room. */
  readonly held = new Map<string, number>()
  /** Claims of each call. */
  readonly claims: (readonly SeatClaim[])[] = []

  constructor(readonly events: BusEvents) {}

  publish(messages: readonly BusMessage[]): Promise<readonly (Error | undefined)[]> {
    if (this.failure === undefined) {
      for (const {channel, text} of messages) {
        if (this.channels.has(channel)) this.events.message(channel, Buffer.from(text))
      }
    }
    return Promise.resolve(messages.map(() => this.failure))
  }

  subscribe(channels: readonly string[]): Promise<void> {
    if (this.failure !== undefined) return Promise.reject(this.failure)
    this.calls.push(`subscribe ${channels.join(' ')}`)
    for (const channel of channels) this.channels.add(channel)
    return Promise.resolve()
  }

  unsubscribe(channels: readonly string[]): Promise<void> {
    if (this.failure !== undefined) return Promise.reject(this.failure)
    if (channels.length > 0) this.calls.push(`unsubscribe ${channels.join(' ')}`)
    for (const channel of channels) this.channels.delete(channel)
    return Promise.resolve()
  }

  heard(): Promise<void> {
    return this.failure === undefined ? Promise.resolve() : Promise.reject(this.failure)
  }

  claimSeats(claims: readonly SeatClaim[], cap: number): Promise<readonly number[]> {
    if (this.failure !== undefined) return Promise.reject(this.failure)
    this.claims.push(claims)
    const granted = claims.map(({room, held, wanted}) => {
      const got = Math.max(0, Math.min(wanted, cap - this.elsewhere - held))
      this.held.set(room, held + got)
      return got
    })
    return Promise.resolve(granted)
  }

  ping(): Promise<void> {
    return this.failure === undefined ? Promise.resolve() : Promise.reject(this.failure)
  }

  close(): void {
    this.channels.clear()
  }
}

export class MemoryStore implements MessageStore {
  readonly rows: (StoredMessage & {readonly room: string})[] = []
  /** Rows of each insert. */
  readonly batches: number[] = []
  failure: Error | undefined

  /** Stores, and then fails: the answer got lost. */
  failureAfter: Error | undefined
  readonly #ids = new Map<number, number>()

  save({numbers, rooms, senders, bodies}: NewMessages): Promise<readonly number[]> {
    if (this.failure !== undefined) return Promise.reject(this.failure)
    this.batches.push(rooms.length)
    const ids = rooms.map((room, index) => {
      const number = numbers[index] ?? NaN
      const before = this.#ids.get(number)
      if (before !== undefined) return before
      const id = this.rows.length + 1
      this.#ids.set(number, id)
      this.rows.push({id, room, from: senders[index] ?? '', body: bodies[index] ?? '', at: new Date(0).toISOString()})
      return id
    })
    return this.failureAfter === undefined ? Promise.resolve(ids) : Promise.reject(this.failureAfter)
  }

  missed({rooms, after, known, limit}: MissedPage): Promise<readonly MissedMessage[]> {
    if (this.failure !== undefined) return Promise.reject(this.failure)
    const floors = new Map(rooms.map(({name, floor}) => [name, floor]))
    const missed = this.rows.filter(({id, room}) => id > Math.max(after, floors.get(room) ?? Infinity))
    return Promise.resolve(missed.filter(({id}) => !known.includes(id)).slice(0, limit))
  }

  newest(): Promise<number> {
    return this.failure === undefined ? Promise.resolve(this.rows.length) : Promise.reject(this.failure)
  }

  history({room, after, limit}: HistoryPage): Promise<readonly StoredMessage[]> {
    if (this.failure !== undefined) return Promise.reject(this.failure)
    return Promise.resolve(this.rows.filter((row) => row.room === room && row.id > after).slice(0, limit))
  }

  archive(page: HistoryPage): Promise<readonly StoredMessage[]> {
    return this.history(page)
  }

  ping(): Promise<void> {
    return this.failure === undefined ? Promise.resolve() : Promise.reject(this.failure)
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}
