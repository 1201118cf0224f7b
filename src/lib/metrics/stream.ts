/** One publisher's messages as a room's ledger sees them: which are still open, and what each member has seen. */
import type {Ms} from '../base/units.js'
import type {Bits} from './bits.js'
import {Recent} from './recent.js'

/**
 * pending: sent, no answer yet. accepted: acked, or sent where the protocol has no ack. failed: certainly refused.
 * unknown: no answer in time, or the connection closed after sending; never counted as lost.
 */
export type Acceptance = 'pending' | 'accepted' | 'failed' | 'unknown'

/**
 * What one receipt of a stamp was. `late-joiner`: sent before this member was in the room for certain, or while it was
 * away; so it was not due, and it is not wrong either.
 */
export type Receipt = 'delivered' | 'reordered' | 'duplicated' | 'unexpected' | 'late-joiner'

/** Refused messages of each publisher that are remembered, the newest: one that is delivered all the same comes soon. */
const REMEMBERED_REFUSALS = 100

/** When a message left. */
export interface Departure {
  /** Phase in which it was due. */
  readonly phase: string
  /** When it was really sent. */
  readonly startedAt: Ms
}

export interface Open extends Departure {
  acceptance: Acceptance
  acceptedAt: Ms
  /** Members in the room when it was sent, less those that left with it in flight. */
  readonly due: Bits
  readonly got: Bits
  waiting: number
}

export interface Stream {
  /** Who sent its last message; -1 before the first. */
  sender: number
  /** Sequence of `open[0]`; everything below is done. */
  base: number
  /** undefined: every member that was due has it, and its acceptance is known. */
  readonly open: (Open | undefined)[]
  /** Highest sequence that each member has seen; 0 is "none", so sequences are kept plus one. */
  readonly seen: Uint32Array
  /** Sequences that were certainly refused: nobody may get them. */
  readonly refused: Recent
}

export function freshStream(members: number): Stream {
  return {sender: -1, base: 0, open: [], seen: new Uint32Array(members), refused: new Recent(REMEMBERED_REFUSALS)}
}

/** Nobody waits for it any more: all that were due have it, or it was refused. */
export function complete(open: Open): boolean {
  return open.acceptance === 'failed' || (open.acceptance !== 'pending' && open.waiting === 0)
}

/** Members that still have a claim to it. */
export function awaitedOf({acceptance, waiting}: Open): number {
  return acceptance === 'accepted' || acceptance === 'pending' ? waiting : 0
}

export function receiptOfForgotten({refused}: Stream, sequence: number): Receipt {
  return refused.has(sequence) ? 'unexpected' : 'duplicated'
}

export function isInOrder({seen}: Stream, member: number, sequence: number): boolean {
  const inOrder = sequence + 1 > (seen[member] ?? 0)
  if (inOrder) seen[member] = sequence + 1
  return inOrder
}

export function nextOf(stream: Stream): number {
  return stream.base + stream.open.length
}
