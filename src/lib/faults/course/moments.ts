/** What a worker notes of every 100 ms, so that what a fault did can be told more finely than by seconds. */
import type {Ms} from '../../base/units.js'
import type {WorkerKit} from '../../load/worker-kit.js'

/**
 * ok, failed, unknown: operations, by when they were due. lost, recovered, duplicated: deliveries, by when their operation was due or sent.
 * cut: users cut off; attempts: their attempts to come back; back: those that succeeded; by when it happened.
 */
export const MOMENTS = [
  'ok',
  'failed',
  'unknown',
  'lost',
  'recovered',
  'duplicated',
  'cut',
  'attempts',
  'back',
] as const

export type Moment = (typeof MOMENTS)[number]

/** The name under which a moment is kept among the measurements. */
export function binsOf(moment: Moment): string {
  return `moments_${moment}`
}

/** Notes a moment; `atMs` on the clock. */
export type NoteMoment = (moment: Moment, atMs: Ms, times?: number) => void

export function momentsOf({tally, startedAtMs}: Pick<WorkerKit, 'tally' | 'startedAtMs'>): NoteMoment {
  const handles = new Map(MOMENTS.map((moment) => [moment, tally.bins(binsOf(moment))] as const))
  return (moment, atMs, times = 1) => handles.get(moment)?.add(atMs - startedAtMs, times)
}
