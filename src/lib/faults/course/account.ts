/** What each fault of a run did, as the users saw it: put together when the run is over; pure. */
import type {Ms} from '../../base/units.js'
import type {Span} from '../../metrics/bins.js'
import type {Measurements} from '../../metrics/measurements.js'
import type {FaultRecord} from '../fault.js'
import {faultLabels} from './labels.js'
import {binsOf, type Moment} from './moments.js'
import {spansOf, type Frame, type Lived, type Spans} from './spans.js'
import {stretchOf, type SecondLine, type StretchFigures} from './stretches.js'
import type {Recovery} from './windows.js'

/** Operations that were due in a stretch, by their outcome. */
export interface Outcomes {
  readonly ok: number
  readonly failed: number
  readonly unknown: number
}

/** One stretch as it is shown side by side with the others. */
export interface Side extends StretchFigures {
  readonly lost: number
  readonly outcomes: Outcomes
}

export interface Returning {
  /** Users that were cut off. */
  readonly cutOff: number
  readonly attemptPeak100Ms: number
  readonly attemptPeak1s: number
  /** From the first that was cut off until so many of them were back; null: they never were. */
  readonly back50Ms: Ms | null
  readonly back95Ms: Ms | null
  readonly back100Ms: Ms | null
}

/** Times count from the run's start. JSON-printable. */
export interface FaultFacts {
  /** Names it among the faults of the run. */
  readonly label: string
  readonly name: string
  readonly text: string
  readonly injectedAtMs: Ms | null
  readonly revertedAtMs: Ms | null
  readonly outcome: FaultRecord['outcome']
  readonly trouble?: string
  readonly evidence: FaultRecord['evidence']
  /** Null for a fault that never came. */
  readonly recovery: Recovery | null
  readonly effect: Effect | null
}

export interface Effect {
  /** From the injection; null: there was none. */
  readonly firstErrorMs: Ms | null
  readonly outcomes: Outcomes
  readonly lost: number
  readonly recovered: number
  readonly duplicated: number
  readonly returning: Returning
  readonly before: Side | null
  readonly during: Side | null
  readonly after: Side | null
}

/** All that was followed of a run's faults. */
export interface Followed extends Frame {
  readonly records: readonly FaultRecord[]
  /** By fault, in the order of the records. */
  readonly recoveries: readonly (Recovery | undefined)[]
  readonly lines: readonly SecondLine[]
  /** Start of the run on the clock of the records. */
  readonly startedAtMs: Ms
}

export function accountForFaults(followed: Followed, measurements: Measurements): FaultFacts[] {
  const {records, recoveries, startedAtMs} = followed
  const sinceStart = (atMs: Ms | undefined) => (atMs === undefined ? undefined : atMs - startedAtMs)
  const lived = records.map((record, index): Lived => ({
    injectedAtMs: sinceStart(record.injectedAtMs),
    revertedAtMs: sinceStart(record.revertedAtMs),
    recovery: recoveries[index],
  }))
  const labels = faultLabels(records.map(({fault}) => fault))
  return records.map(({fault, outcome, trouble, evidence}, index) => {
    const {injectedAtMs = null, revertedAtMs = null} = lived[index] ?? {}
    const spans = spansOf(lived, index, followed)
    return {
      label: labels[index] ?? fault.text,
      name: fault.name,
      text: fault.text,
      injectedAtMs,
      revertedAtMs,
      outcome,
      ...(trouble === undefined ? {} : {trouble}),
      evidence,
      recovery: recoveries[index] ?? null,
      effect: spans === undefined ? null : effectOf(spans, followed.lines, measurements),
    }
  })
}

function effectOf(spans: Spans, lines: readonly SecondLine[], measurements: Measurements): Effect {
  const {before, during, after, across, returning} = spans
  const total = (moment: Moment, span: Span): number => measurements.bins(binsOf(moment)).total(span)
  const outcomesIn = (span: Span): Outcomes => ({
    ok: total('ok', span),
    failed: total('failed', span),
    unknown: total('unknown', span),
  })
  const sideOf = (span: Span | undefined, by?: 'middle'): Side | null => {
    const figures = span && stretchOf(lines, span, by)
    return figures ? {...figures, lost: total('lost', span), outcomes: outcomesIn(span)} : null
  }
  return {
    firstErrorMs: firstError(across, during.fromMs, measurements),
    outcomes: outcomesIn(during),
    lost: total('lost', across),
    recovered: total('recovered', across),
    duplicated: total('duplicated', across),
    returning: returningOf(returning, measurements),
    before: sideOf(before),
    during: sideOf(during, 'middle'),
    after: sideOf(after),
  }
}

function firstError({toMs}: Span, injectedMs: Ms, measurements: Measurements): Ms | null {
  const errors: readonly Moment[] = ['failed', 'unknown', 'cut']
  const found = errors.flatMap((moment) => measurements.bins(binsOf(moment)).first({fromMs: injectedMs, toMs}) ?? [])
  return found.length === 0 ? null : Math.min(...found) - injectedMs
}

/** Ten bins are a second. */
function returningOf(span: Span, measurements: Measurements): Returning {
  const cut = measurements.bins(binsOf('cut'))
  const back = measurements.bins(binsOf('back'))
  const attempts = measurements.bins(binsOf('attempts'))
  const cutOff = cut.total(span)
  const firstMs = cut.first(span) ?? span.fromMs
  const after = (share: number): Ms | null => {
    const reached = cutOff === 0 ? undefined : back.reaching(Math.ceil(share * cutOff), span)
    return reached === undefined ? null : reached - firstMs
  }
  return {
    cutOff,
    attemptPeak100Ms: attempts.peak(span),
    attemptPeak1s: attempts.peak(span, 10),
    back50Ms: after(0.5),
    back95Ms: after(0.95),
    back100Ms: after(1),
  }
}
