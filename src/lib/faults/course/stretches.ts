/** How the target did in a stretch of the run, added up from whole seconds; pure. */
import type {Ms} from '../../base/units.js'
import type {Span} from '../../metrics/bins.js'
import type {Cells} from '../../metrics/cells.js'
import {Histogram} from '../../metrics/histogram.js'
import type {VitalSigns} from './vital-signs.js'

const SECOND: Ms = 1000

/** One whole second of the run, small enough to keep all of them. */
export interface SecondLine {
  /** From the run's start. */
  readonly startMs: Ms
  readonly successes: number
  readonly cutOff: number
  /** An encoded histogram. */
  readonly latency: string
}

export function secondLine(startMs: Ms, second: Cells, {successes, cutOff, latency}: VitalSigns): SecondLine {
  return {
    startMs,
    successes: second.total(successes),
    cutOff: second.total(cutOff),
    latency: second.distribution(latency).encode(),
  }
}

/** JSON-printable. */
export interface StretchFigures {
  readonly seconds: number
  readonly successesPerSecond: number
  /** Null: no samples. */
  readonly latencyP99Ms: number | null
  readonly cutOff: number
}

/**
 * The seconds that lie wholly in the span; or those of which it holds the middle, so that a span of less than a second has its second too. Null
 * when there is none.
 */
export function stretchOf(
  lines: readonly SecondLine[],
  span: Span,
  by: 'whole' | 'middle' = 'whole',
): StretchFigures | null {
  const picked = lines.filter(({startMs}) => (by === 'whole' ? holdsWhole(span, startMs) : holdsMiddle(span, startMs)))
  if (picked.length === 0) return null
  const latency = new Histogram()
  for (const line of picked) latency.merge(Histogram.decode(line.latency))
  const sum = (of: (line: SecondLine) => number): number => picked.reduce((total, line) => total + of(line), 0)
  return {
    seconds: picked.length,
    successesPerSecond: sum(({successes}) => successes) / picked.length,
    latencyP99Ms: latency.percentile(99) ?? null,
    cutOff: sum(({cutOff}) => cutOff),
  }
}

function holdsWhole({fromMs, toMs}: Span, startMs: Ms): boolean {
  return startMs >= fromMs && startMs + SECOND <= toMs
}

/** A short span may miss every middle: the second in which it begins is its own. */
function holdsMiddle({fromMs, toMs}: Span, startMs: Ms): boolean {
  const middle = startMs + SECOND / 2
  return (
    (middle >= fromMs && middle < toMs) || (startMs <= fromMs && fromMs < startMs + SECOND && toMs - fromMs < SECOND)
  )
}
