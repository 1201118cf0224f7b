/** What a worker tells about the second that passed: plain data that merges, whichever worker it came from. */
import type {BinCounts} from './bins.js'
import type {Tags} from './metric.js'

interface EntryOf {
  readonly metric: string
  readonly tags: Tags
  /** Phase in which it was due. */
  readonly phase: string
}

export type PulseEntry =
  | (EntryOf & {readonly type: 'counter'; readonly value: number})
  | (EntryOf & {readonly type: 'distribution'; readonly encoded: string})
  | (EntryOf & {readonly type: 'gauge'; readonly value: number})
  | {readonly type: 'bins'; readonly metric: string; readonly counts: BinCounts}

export interface Pulse {
  /** The second of the run that it tells of, the first being 0. */
  readonly second: number
  /** That second is over: the worker will tell no more of it. */
  readonly ends?: boolean
  readonly entries: readonly PulseEntry[]
}
