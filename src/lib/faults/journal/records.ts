/** What stands in a run's journal: one JSON line a record, in the order in which things happened; no secrets. */
import type {PlannedFault} from '../fault.js'

/** What a later process needs to undo a fault: read before the change, and without a password. */
export type Undoing = Readonly<Record<string, unknown>>

/** Who writes: enough to tell whether it still lives. */
export interface Writer {
  readonly runId: string
  readonly pid: number
  /** Tells it from a later process with the same id. */
  readonly identity: string
  readonly host: string
  /** What was typed, without secrets. */
  readonly command: string
  /** Who is disturbed, as its run calls it. */
  readonly target: string
}

/** Dates are civil time (ISO 8601); `fault` counts from 0 in the plan. */
export type JournalRecord =
  | {
      readonly kind: 'planned'
      readonly at: string
      readonly writer: Writer
      readonly faults: readonly PlannedFault[]
      /** One a fault: where it acts, e.g. `redis 127.0.0.1:6379`. */
      readonly servers: readonly string[]
    }
  | {readonly kind: 'injecting'; readonly at: string; readonly fault: number; readonly undoing?: Undoing}
  | {readonly kind: 'injected'; readonly at: string; readonly fault: number}
  | {readonly kind: 'reverted'; readonly at: string; readonly fault: number}
  | {readonly kind: 'failed'; readonly at: string; readonly fault: number; readonly why: string}
  | {readonly kind: 'end'; readonly at: string}
