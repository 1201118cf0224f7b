/** A way by which messages travel, whatever it is made of: publishers put texts in, seats get them out. Whoever uses it stamps, counts and judges. */
import type {Clock} from '../../base/clock.js'
import type {Random} from '../../base/random.js'
import type {Ms} from '../../base/units.js'
import type {Certificates} from '../tls.js'
import type {Layout, Range} from './layout.js'

/** What one worker carries. Plain data, but for what is handed in beside it. */
export interface CarrierShare {
  readonly layout: Layout
  /** Rooms of this worker; their voices and seats are its own, and so are the publishers and consumers that have any of them. */
  readonly rooms: Range
  /** One URL each node, server or shard; may hold secrets. */
  readonly urls: readonly string[]
  readonly tls: Certificates
  /** [0-9a-z]{8}: everything that is made carries it in its name, as `proofload-RUN-…`. */
  readonly run: string
  /** Whatever takes longer is over, with its outcome unknown. */
  readonly timeoutMs: Ms
}

export interface CarrierKit {
  readonly clock: Clock
  readonly random: Random
  readonly listener: CarrierListener
}

/** `failed`: it certainly was not taken. `unknown`: no answer in time, or the connection was lost after sending. */
export type Outcome = 'accepted' | 'failed' | 'unknown'

export interface CarrierListener {
  /** The one answer to a message; `reason` is short and countable where it was not accepted: `timeout`, `OOM`, `53300`. */
  answered(ticket: number, outcome: Outcome, reason?: string): void
  /** A text came out. `again`: the carrier itself says that it may have been handed over before, as after a lost acknowledgement of ours. */
  arrived(seat: number, text: Buffer, again: boolean): void
  /** What is published from now on is not kept for this seat, and so not due to it; told by carriers that keep nothing. */
  left(seat: number): void
  /** The seat gets again what is published from now on. */
  entered(seat: number): void
  /** A connection was lost, or refused, after all were open; it is tried again. */
  lost(reason: string): void
}

/** A message on its way in. */
export interface Outgoing {
  readonly room: number
  readonly voice: number
  /** Counted from 0 by the caller; the answer names it. */
  readonly ticket: number
  /** Characters that one byte holds. */
  readonly text: string
}

/** One worker's publishers and consumers. */
export interface Carrier extends AsyncDisposable {
  /** Connects; resolves once all that is published from now on comes out at every seat. Rejects with a TargetError. */
  open(): Promise<void>
  /**
   * Sends one message now, in the order of the calls within a voice; small ones that come in one turn of the event loop may leave together. False: there
   * is no connection for it, so that nothing was sent, and there will be no answer.
   */
  publish(message: Outgoing): boolean
  /**
   * For carriers whose messages are read afterwards: hands over all that is kept, seat by seat, in the order in which it is kept. Called once, when nothing is on
   * its way any more.
   */
  read?(): Promise<void>
  /** What can be read again of some rooms, whether or not it came out: `voice:sequence` of each stamp; undefined where nothing can. */
  recall?(rooms: Iterable<number>): Promise<Recalled | undefined>
}

export interface Recalled {
  readonly found: ReadonlySet<string>
  /** Why some of it could not be read, if so. */
  readonly trouble: string | undefined
}

/** What must be there before anything is carried; made once for a run, by the process that leads it. */
export interface Site {
  /** Makes what is missing. Rejects with a UsageError when something of that name is there and not ours, with a TargetError when the server refuses. */
  prepare(): Promise<void>
  /** Removes what `prepare` made, and nothing else; also after a run that was stopped. Yields one line for each thing that is left. */
  remove(): Promise<readonly string[]>
  /** Messages that wait in all queues together, where the server tells; undefined when it does not. */
  depth?(): Promise<number | undefined>
  /** One line for the report, without secrets: `Redis 7.0.15`. Known after `prepare`. */
  readonly server: string | undefined
}
