/** A message between its arrival and its ack. */
import type {Ms} from '../../base/units.js'

/** Who speaks, and is told what became of it. */
export interface Author {
  readonly user: string
  /** `message`: its place in the history. */
  acked(id: number, message: number): void
  refused(id: number, refusal: Refusal): void
}

export interface Refusal {
  readonly reason: string
  /** It may be tried again, later. */
  readonly busy?: boolean
}

/** As its author gave it; `id` is the author's own number for it. */
export interface Publication {
  readonly author: Author
  readonly room: string
  readonly id: number
  readonly body: string
}

export interface Pending extends Publication {
  /** This node's number for it, given when it is to be stored. */
  number: number
  /** Its author has been told that it is taken. */
  acked: boolean
  /** When it came, on the node's clock, and in ms since 1970. */
  readonly since: Ms
  readonly time: Ms
}

/** With its place in the history. */
export interface Stored {
  readonly message: Pending
  readonly id: number
}
