/** Where the messages of a chat's publishers are sent, and their answers awaited. */
import type {Clock} from '../../base/clock.js'
import type {Identities} from '../../chat/identities.js'
import type {ChatConnection} from '../../protocols/chat-connection.js'
import type {CarrierListener, Outcome, Outgoing} from '../../protocols/messaging/carrier.js'
import type {MsgThroughputShare} from './share.js'

export interface DeskParts {
  readonly share: MsgThroughputShare
  readonly listener: CarrierListener
  readonly clock: Clock
  readonly identities: Identities
  /** The connection of a voice that is in its room. */
  readonly present: (voice: number) => ChatConnection | undefined
}

export interface Desk extends AsyncDisposable {
  /** False when there is no way to send it. */
  send(message: Outgoing): boolean
  /** An answer came over a voice's connection; `id` as the protocol tells it, undefined: the oldest that waits. */
  answered(voice: number, id: number | undefined, outcome: Outcome): void
  /** A voice's connection is gone. */
  lost(voice: number): void
}
