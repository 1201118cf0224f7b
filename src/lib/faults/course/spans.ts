/** Where the stretches around each fault begin and end; pure. Times count from the run's start. */
import type {Ms} from '../../base/units.js'
import type {Span} from '../../metrics/bins.js'
import {LEAD} from './phases.js'
import type {Recovery} from './windows.js'

/** When one fault came, and when it was over. */
export interface Lived {
  readonly injectedAtMs: Ms | undefined
  readonly revertedAtMs: Ms | undefined
  readonly recovery: Recovery | undefined
}

export interface Frame {
  readonly steadyAtMs: Ms
  /** End of the load. */
  readonly loadEndMs: Ms
  /** End of the drain, until when users still come back. */
  readonly endMs: Ms
}

export interface Spans {
  /** Since the last fault was over, without what was on its way when this one came. */
  readonly before: Span
  readonly during: Span
  /** Undefined when it was not seen to recover. */
  readonly after: Span | undefined
  /** With what was on its way when it came, and with the recovery. */
  readonly across: Span
  /** As long as users may come back because of it. */
  readonly returning: Span
}

/** Undefined for a fault that never came. */
export function spansOf(faults: readonly Lived[], index: number, frame: Frame): Spans | undefined {
  const {injectedAtMs: fromMs, revertedAtMs, recovery} = faults[index] ?? {}
  if (fromMs === undefined) return undefined
  const {steadyAtMs, loadEndMs, endMs} = frame
  const overMs = revertedAtMs ?? endMs
  const others = faults.flatMap((other, at) => (at === index ? [] : [other]))
  const nextMs = (sinceMs: Ms): Ms =>
    Math.min(...others.map(({injectedAtMs: at = Infinity}) => (at > sinceMs ? at : Infinity)))
  const recoveredMs = recovery?.state === 'seen' ? recovery.atMs : undefined
  const lastedMs = Math.max(overMs, recoveredMs ?? Math.min(loadEndMs, nextMs(overMs)))
  return {
    before: {fromMs: Math.max(steadyAtMs, ...others.map((other) => overBefore(other, fromMs))), toMs: fromMs - LEAD},
    during: {fromMs, toMs: overMs},
    after:
      recoveredMs === undefined ? undefined : {fromMs: recoveredMs, toMs: Math.min(loadEndMs, nextMs(recoveredMs))},
    across: {fromMs: fromMs - LEAD, toMs: lastedMs},
    returning: {fromMs, toMs: Math.min(endMs, nextMs(overMs))},
  }
}

/** When an earlier fault was over and had recovered, at the latest when this one came. */
function overBefore({injectedAtMs, revertedAtMs, recovery}: Lived, fromMs: Ms): Ms {
  if (injectedAtMs === undefined || injectedAtMs > fromMs) return 0
  const overMs = recovery?.state === 'seen' ? recovery.atMs : (revertedAtMs ?? fromMs)
  return Math.min(overMs, fromMs)
}
