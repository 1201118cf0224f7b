/** The world as a worker sees it, and the shape of what a drill's worker module offers. */
import type {Clock} from '../base/clock.js'
import type {Random} from '../base/random.js'
import type {Ms} from '../base/units.js'
import type {Tally} from '../metrics/tally.js'
import type {Timeline} from '../metrics/timeline.js'

export interface WorkerKit {
  readonly index: number
  readonly workers: number
  readonly runId: string
  readonly startedAtMs: Ms
  readonly clock: Clock
  readonly random: Random
  /** Aborts when the run is to stop early. */
  readonly signal: AbortSignal
  readonly tally: Tally
  readonly timeline: Timeline
}

/** Named steps that the coordinator calls one after another on all workers; inputs and results are plain data. */
export type Steps = Readonly<Record<string, (input: never) => Promise<unknown>>>

/** What a drill's `worker.ts` exports as `work`. */
export type Work<Share, Own extends Steps> = (share: Share, kit: WorkerKit) => Own | Promise<Own>
