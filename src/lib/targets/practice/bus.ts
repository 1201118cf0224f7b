/** The link between the nodes, as the rest of the node sees it. */
import type {Ms} from '../../base/units.js'

export interface Bus {
  readonly links: LinkState
  /** How long it waits before it connects again, by attempts since the link was lost (1, 2, …). A defect may put its own in place. */
  delay: (attempt: number) => Ms
  /** One message to everybody subscribed to `channel`. Rejects when Redis did not confirm it. */
  publish(messages: readonly BusMessage[]): Promise<readonly (Error | undefined)[]>
  /** Resolves once every channel is confirmed. */
  subscribe(channels: readonly string[]): Promise<void>
  unsubscribe(channels: readonly string[]): Promise<void>
  /** Resolves once everything has been heard that was published before on the rooms that are subscribed. */
  heard(): Promise<void>
  /** Tells what seats this node holds and asks for more; resolves with how many it got of each. Rejects when Redis did not answer. */
  claimSeats(claims: readonly SeatClaim[], cap: number): Promise<readonly number[]>
  /** Rejects with the reason when Redis does not answer. */
  ping(): Promise<void>
  close(): void
}

export interface LinkState {
  readonly up: boolean
  /** Times that one of the connections ended unasked, and times that a new one was tried. */
  readonly losses: number
  readonly attempts: number
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
  /** Nothing is heard any more: the subscriber link is lost. */
  lost(): void
  /** The subscriber link is back; nothing is subscribed on it. */
  restored(): void
  /** The link to publish is lost: whether what is under way was heard, nobody knows. */
  muted(): void
  /** The link to publish is back. */
  sendable(): void
}
