/** Where the messages of some rooms are kept, as the rest of the node sees it: one shard. */
import type {Ms} from '../../base/units.js'
import type {Upkeep} from './upkeep.js'

/** Columns of messages that are stored together; equal lengths, in publishing order. */
export interface NewMessages {
  /** This node's own number for each, rising; the same message keeps it when it is tried again, so that it is stored once. */
  readonly numbers: readonly number[]
  readonly rooms: readonly string[]
  readonly senders: readonly string[]
  readonly bodies: readonly string[]
  /** When each came, in ms since 1970; it stays with the message as its number does. */
  readonly times: readonly Ms[]
}

export interface StoredMessage {
  readonly id: number
  readonly from: string
  readonly body: string
  /** ISO 8601 */
  readonly at: string
}

export interface HistoryPage {
  readonly room: string
  /** Only messages with a larger id. */
  readonly after: number
  readonly limit: number
}

/** What a node asks for that did not hear everything for a while. */
export interface MissedPage {
  /** Each room, with the id above which its members are to have everything. */
  readonly rooms: readonly {readonly name: string; readonly floor: number}[]
  /** Only messages with a larger id. */
  readonly after: number
  /** But not these. */
  readonly known: readonly number[]
  readonly limit: number
}

export interface MissedMessage {
  readonly id: number
  readonly room: string
  readonly from: string
  readonly body: string
}

export interface MessageStore {
  /** What else is done for it. */
  readonly upkeep?: Upkeep
  /**
   * Stores all or nothing; resolves with one id for each message, in the order given.
   * Rejects with StoreAway when it may be tried again with the same numbers, with any other error when the messages are not stored for good.
   */
  save(messages: NewMessages): Promise<readonly number[]>
  /** Oldest first. */
  history(page: HistoryPage): Promise<readonly StoredMessage[]>
  /** What of a room is in the archive, oldest first. */
  archive(page: HistoryPage): Promise<readonly StoredMessage[]>
  /** Of several rooms at once, oldest first. */
  missed(page: MissedPage): Promise<readonly MissedMessage[]>
  /** The highest id of all; 0 when nothing is stored. */
  newest(): Promise<number>
  /** Rejects with the reason when the store does not answer. */
  ping(): Promise<void>
  close(): Promise<void>
}

/** The store does not answer for now. `certain`: nothing of what was to be saved is stored; otherwise nobody knows. */
export class StoreAway extends Error {
  constructor(
    message: string,
    readonly certain: boolean,
    cause: unknown,
  ) {
    super(message, {cause})
    this.name = 'StoreAway'
  }
}
