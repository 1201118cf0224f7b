/** A message between its arrival and its ack. */
import type {Ms} from '../../base/units.js'
import type {Member} from './members.js'

/** As a member gave it; `id` is the sender's own number for it. */
export interface Publication {
  readonly member: Member
  readonly room: string
  readonly id: number
  readonly body: string
}

export interface Pending extends Publication {
  /** This node's number for it. */
  readonly number: number
  /** When it came, on the node's clock. */
  readonly since: Ms
}

/** With its place in the history. */
export interface Stored {
  readonly message: Pending
  readonly id: number
}
