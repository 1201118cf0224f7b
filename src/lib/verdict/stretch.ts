/** Which phases a threshold judges, and how long they took. */
import type {Metric, Phase} from '../metrics/metric.js'
import type {Threshold} from './threshold.js'

const STEADY = 'steady'
const DRAIN = 'drain'

/** The judged part of a run. */
export interface Stretch {
  covers(phase: string): boolean
  readonly seconds: number
}

/**
 * With `during`: that phase; undefined when it never came. Without: the steady phases, or all but the drain when the run
 * has none. The whole run when the metric asks for it, or when nothing of it belongs to a phase.
 */
export function stretchOf(threshold: Threshold, metric: Metric, phases: readonly Phase[]): Stretch | undefined {
  if (threshold.phase !== undefined) {
    const came = phases.some(({name}) => name === threshold.phase)
    return came ? stretch(phases, (phase) => phase === threshold.phase) : undefined
  }
  const ofNoPhase = metric.slices.length > 0 && metric.slices.every(({phase}) => phase === '')
  if (metric.definition.judged === 'run' || ofNoPhase) return stretch(phases, () => true)
  if (phases.some(({name}) => name === STEADY)) return stretch(phases, (phase) => phase === STEADY)
  return stretch(phases, (phase) => phase !== DRAIN)
}

function stretch(phases: readonly Phase[], covers: (phase: string) => boolean): Stretch {
  const covered = phases.filter(({name}) => covers(name))
  const milliseconds = covered.reduce((total, {startMs, endMs}) => total + endMs - startMs, 0)
  return {covers, seconds: milliseconds / 1000}
}
