/** Where messages are kept, as the rest of the node sees it. */

/** Columns of messages that are stored together; equal lengths, in publishing order. */
export interface NewMessages {
  readonly rooms: readonly string[]
  readonly senders: readonly string[]
  readonly bodies: readonly string[]
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

export interface MessageStore {
  /** Stores all or nothing; resolves with one id for each message, in the order given. */
  save(messages: NewMessages): Promise<readonly number[]>
  /** Oldest first. */
  history(page: HistoryPage): Promise<readonly StoredMessage[]>
  /** Rejects with the reason when the store does not answer. */
  ping(): Promise<void>
  close(): Promise<void>
}
