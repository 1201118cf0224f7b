/** What coordinator and workers say to each other: two unions of plain serialisable data. */
import type {Bytes, Ms} from '../base/units.js'
import type {Pulse} from '../metrics/pulse.js'

/** Everything a worker needs to take its place. */
export interface Assignment {
  /** URL of the drill's compiled worker module; it exports `work`. */
  readonly module: string
  readonly index: number
  readonly workers: number
  readonly seed: string
  readonly runId: string
  /** Start of the run on the host's monotonic clock. */
  readonly startedAtMs: Ms
  /** The drill's own part of the plan. */
  readonly share: unknown
}

export type ToWorker =
  | {readonly kind: 'prepare'; readonly assignment: Assignment}
  | {readonly kind: 'phase'; readonly name: string; readonly startMs: Ms}
  | {readonly kind: 'step'; readonly id: number; readonly name: string; readonly input: unknown}
  | {readonly kind: 'abort'}

export type FromWorker =
  | {readonly kind: 'ready'; readonly rssBytes: Bytes}
  | {readonly kind: 'pulse'; readonly pulse: Pulse}
  | {readonly kind: 'done'; readonly id: number; readonly result: unknown}
  | {readonly kind: 'failed'; readonly id: number | undefined; readonly error: SerialisedError}

/** An error that crossed a process boundary. */
export interface SerialisedError {
  readonly message: string
  readonly stack: string | undefined
  /** `target` and `usage` keep their meaning on the other side; anything else is a bug of ours. */
  readonly code: string | undefined
  readonly hint: string | undefined
}
