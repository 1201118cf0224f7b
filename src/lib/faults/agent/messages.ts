/** What the CLI and the agent say to each other: one JSON line each, over the agent's stdin and stdout. */
import type {Ms} from '../../base/units.js'
import type {SerialisedError} from '../../load/messages.js'
import type {FaultGround, FaultPreview, FaultRecord, PlannedFault} from '../fault.js'

/** The first line. Carries passwords: it goes through the pipe and nowhere else. */
export interface AgentOrder {
  readonly faults: readonly PlannedFault[]
  readonly ground: FaultGround
  readonly runId: string
  readonly seed: string
  /** Where journals and locks are kept. */
  readonly stateDirectory: string
  /** What was typed, without secrets: for who meets our lock. */
  readonly command: string
  /** Who is disturbed, for messages. */
  readonly target: string
}

export type ToAgent =
  | {readonly kind: 'order'; readonly order: AgentOrder}
  | {readonly kind: 'start'; readonly startAtMs: Ms}
  | {readonly kind: 'revert'}

export type FromAgent =
  | {readonly kind: 'ready'; readonly previews: readonly FaultPreview[]}
  | {readonly kind: 'record'; readonly index: number; readonly record: FaultRecord}
  | {readonly kind: 'reverted'}
  | {readonly kind: 'failed'; readonly error: SerialisedError}
