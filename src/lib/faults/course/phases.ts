/** Which phase is due next in a run with faults: fault while any is in force, recovery until all have recovered, else steady; pure. */
import type {Ms} from '../../base/units.js'
import type {FaultRecord} from '../fault.js'

/** What is due shortly before a fault may still be on its way when it comes, and belongs to it. */
export const LEAD: Ms = 200

export type FaultPhase = 'steady' | 'fault' | 'recovery'

export interface PhaseNow {
  readonly phase: FaultPhase
  /** From when on. */
  readonly startMs: Ms
}

export interface Situation {
  readonly records: readonly FaultRecord[]
  readonly recovering: boolean
  /** Start of the steady phase. */
  readonly steadyAtMs: Ms
  /** The moment that is asked about, a little ahead, so that all workers hear of a phase before it begins. */
  readonly aheadMs: Ms
}

/** Times on the clock. A fault that was never injected has its time, in which nothing is wrong. */
export function phaseAhead({records, recovering, steadyAtMs, aheadMs}: Situation): PhaseNow {
  const due = records.flatMap(({fault, outcome}) => {
    const startMs = steadyAtMs + Math.max(0, fault.atMs - LEAD)
    const isDue = outcome === 'active' || outcome === 'not reverted' || (outcome === 'planned' && startMs <= aheadMs)
    return isDue ? [startMs] : []
  })
  if (due.length > 0) return {phase: 'fault', startMs: Math.min(aheadMs, ...due)}
  return {phase: recovering ? 'recovery' : 'steady', startMs: aheadMs}
}
