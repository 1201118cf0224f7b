/** What a worker tells about the second that passed: plain data that merges, whichever worker it came from. */
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

export interface Pulse {
  /** Whole seconds since the run's start when it was taken. */
  readonly second: number
  readonly entries: readonly PulseEntry[]
}
