/** The link between the nodes, as the rest of the node sees it. */

export interface Bus {
  /** One message to everybody subscribed to `channel`. Rejects when Redis did not confirm it. */
  publish(messages: readonly BusMessage[]): Promise<readonly (Error | undefined)[]>
  /** Resolves once every channel is confirmed. */
  subscribe(channels: readonly string[]): Promise<void>
  unsubscribe(channels: readonly string[]): Promise<void>
  /** Tells what seats this node holds and asks for more; resolves with how many it got of each. Rejects when Redis did not answer. */
  claimSeats(claims: readonly SeatClaim[], cap: number): Promise<readonly number[]>
  /** Rejects with the reason when Redis does not answer. */
  ping(): Promise<void>
  close(): void
}

export interface BusMessage {
  readonly channel: string
  readonly text: string
}

/** What a node says of one room: absolute numbers, so that saying it again does no harm. */
export interface SeatClaim {
  readonly room: string
  /** Seats of this node that are taken. */
  readonly held: number
  /** Seats that it would like to have beside them. */
  readonly wanted: number
}

export interface BusEvents {
  message(channel: string, text: Buffer): void
  /** The subscriber link is back after it was lost; nothing is subscribed on it. */
  restored(): void
}
