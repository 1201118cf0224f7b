/** The link between the nodes, as the rest of the node sees it. */

export interface Bus {
  /** One message to everybody subscribed to `channel`. Rejects when Redis did not confirm it. */
  publish(messages: readonly BusMessage[]): Promise<readonly (Error | undefined)[]>
  /** Resolves once every channel is confirmed. */
  subscribe(channels: readonly string[]): Promise<void>
  unsubscribe(channels: readonly string[]): Promise<void>
  /** Rejects with the reason when Redis does not answer. */
  ping(): Promise<void>
  close(): void
}

export interface BusMessage {
  readonly channel: string
  readonly text: string
}

export interface BusEvents {
  message(channel: string, text: Buffer): void
  /** The subscriber link is back after it was lost; nothing is subscribed on it. */
  restored(): void
}
