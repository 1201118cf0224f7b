/** Follows a run while it goes on: lets faults begin, tells the phases that come of them, watches for recovery, and stops the run when it must. */
import type {Clock} from '../../base/clock.js'
import type {Ms} from '../../base/units.js'
import type {Measurements} from '../../metrics/measurements.js'
import type {MetricCatalogue} from '../../metrics/metric.js'
import type {Timeline} from '../../metrics/timeline.js'
import type {Threshold} from '../../verdict/threshold.js'
import type {FaultRecord, FaultRun} from '../fault.js'
import {accountForFaults, type FaultFacts} from './account.js'
import {phaseAhead, type FaultPhase} from './phases.js'
import {heldIn, steadyRules} from './rules.js'
import {stoppedBy, type Stopped} from './stop-when.js'
import {secondLine, type SecondLine} from './stretches.js'
import type {VitalSigns} from './vital-signs.js'
import {RecoveryWatch} from './windows.js'

/** What the user ordered for this run, beside the load. */
export interface Orders {
  /** The faults, ready to begin; undefined: none. */
  readonly faults: FaultRun | undefined
  /** What the run is judged by. */
  readonly thresholds: readonly Threshold[]
  readonly stopWhen: readonly Threshold[]
  readonly catalogue: MetricCatalogue
  /** Ends the load early, as Ctrl-C does. */
  stop(why: Stopped): void
}

/** For a run without faults that nothing stops. */
export const noOrders: Orders = {faults: undefined, thresholds: [], stopWhen: [], catalogue: {}, stop: () => undefined}

/** The load as it can be followed; a crew is one. */
export interface Underway {
  readonly measurements: Measurements
  readonly timeline: Timeline
  /** The newest second of the run of which every worker has told all. */
  readonly wholeSecond: number | undefined
  begin(phase: string, startMs: Ms): void
}

export interface Followed {
  readonly underway: Underway
  readonly signs: VitalSigns
  readonly clock: Clock
  /** Start of the run on the clock, from which its seconds count. */
  readonly startedAtMs: Ms
}

const LOOK_EVERY: Ms = 50
/** So long before it begins all workers are told of a phase. */
const NOTICE: Ms = 250
const SECOND: Ms = 1000

/** Begins to follow at once. Dispose it, whatever happens; faults are reverted by whoever started their run. */
export class Course implements Disposable {
  readonly #orders: Orders
  readonly #run: Followed
  readonly #watch = new RecoveryWatch()
  readonly #rules: readonly Threshold[]
  readonly #lines: SecondLine[] = []
  readonly #over = new AbortController()
  /** How far each record has been heard of. */
  readonly #heard: FaultRecord['outcome'][] = []
  #steadyAtMs: Ms | undefined
  #phase: FaultPhase = 'steady'
  #nextSecond = 0
  #loadEndMs: Ms = 0
  #stopped = false
  readonly #following: Promise<unknown>

  constructor(orders: Orders, run: Followed) {
    this.#orders = orders
    this.#run = run
    this.#rules = steadyRules(orders.thresholds, orders.catalogue)
    // Its error, if it has one, is told at the end.
    this.#following = orders.faults || orders.stopWhen.length > 0 ? this.#follow().catch(asError) : Promise.resolve()
  }

  /** The steady phase begins, from which the times of faults count. */
  steady(startAtMs: Ms): void {
    this.#run.underway.begin('steady', startAtMs)
    this.#steadyAtMs = startAtMs
    this.#orders.faults?.start(startAtMs)
  }

  /** The load is over: reverts every fault, and follows no further. Rejects with what went wrong while it followed. */
  async end(): Promise<void> {
    if (this.#over.signal.aborted) return
    this.#over.abort()
    const trouble = await this.#following
    if (trouble instanceof Error) throw trouble
    this.#loadEndMs = this.#run.clock.now() - this.#run.startedAtMs
    this.#hear()
    // What every worker told before its last step was over is all that there is.
    for (; (this.#nextSecond + 1) * SECOND <= this.#loadEndMs; this.#nextSecond++) this.#take(this.#nextSecond)
    await this.#orders.faults?.revertAll()
    this.#hear()
    this.#watch.end(this.#loadEndMs)
  }

  /** What the faults did; `endMs` on the clock. */
  account(endMs: Ms): FaultFacts[] {
    const {startedAtMs, underway} = this.#run
    const records = this.#orders.faults?.records ?? []
    const followed = {
      records,
      recoveries: records.map((_, index) => this.#watch.recovery(index)),
      lines: this.#lines,
      startedAtMs,
      steadyAtMs: (this.#steadyAtMs ?? startedAtMs) - startedAtMs,
      loadEndMs: this.#loadEndMs,
      endMs: endMs - startedAtMs,
    }
    return accountForFaults(followed, underway.measurements)
  }

  [Symbol.dispose](): void {
    this.#over.abort()
  }

  async #follow(): Promise<void> {
    const {clock} = this.#run
    const {signal} = this.#over
    while (!signal.aborted) {
      this.#hear()
      this.#tellPhase()
      const whole = this.#run.underway.wholeSecond
      for (; whole !== undefined && this.#nextSecond <= whole; this.#nextSecond++) this.#take(this.#nextSecond)
      await clock.sleep(LOOK_EVERY, signal)
    }
  }

  /** What became of the faults since the last time. */
  #hear(): void {
    const {startedAtMs} = this.#run
    const records = this.#orders.faults?.records ?? []
    for (const [index, {outcome, injectedAtMs, revertedAtMs}] of records.entries()) {
      const before = this.#heard[index]
      if (outcome === before) continue
      this.#heard[index] = outcome
      if (injectedAtMs !== undefined && (before ?? 'planned') === 'planned')
        this.#watch.injected(index, injectedAtMs - startedAtMs)
      if (outcome === 'reverted' && revertedAtMs !== undefined) this.#watch.reverted(index, revertedAtMs - startedAtMs)
    }
  }

  #tellPhase(): void {
    const {faults} = this.#orders
    const {clock, underway} = this.#run
    if (!faults || this.#steadyAtMs === undefined) return
    const {phase, startMs} = phaseAhead({
      records: faults.records,
      recovering: this.#watch.recovering,
      steadyAtMs: this.#steadyAtMs,
      aheadMs: clock.now() + NOTICE,
    })
    if (phase === this.#phase) return
    this.#phase = phase
    underway.begin(phase, Math.max(startMs, underway.timeline.newestMs))
  }

  /** A second of the run that is over. */
  #take(second: number): void {
    const {underway, signs} = this.#run
    const startMs = second * SECOND
    const figures = underway.measurements.second(second)
    const phases = this.#phasesIn(startMs)
    this.#stopWhen(second, phases)
    if (!this.#orders.faults || this.#steadyAtMs === undefined) return
    const line = secondLine(startMs, figures, signs)
    this.#lines.push(line)
    this.#watch.window({
      startMs,
      successes: line.successes,
      held: heldIn(figures, this.#rules, this.#orders.catalogue),
      steady: phases.length === 1 && phases[0] === 'steady',
    })
  }

  #stopWhen(second: number, phases: readonly string[]): void {
    const {stopWhen, catalogue} = this.#orders
    const {measurements} = this.#run.underway
    const live = {total: measurements, second: measurements.second(second), atMs: (second + 1) * SECOND, phases}
    const why = this.#stopped ? undefined : stoppedBy(stopWhen, live, catalogue)
    if (why === undefined) return
    this.#stopped = true
    this.#orders.stop(why)
  }

  /** What of the timeline lies in the second that begins then. */
  #phasesIn(startMs: Ms): string[] {
    const {underway, startedAtMs} = this.#run
    const phases = underway.timeline.phases(startedAtMs, Infinity)
    const lying = phases.filter((phase) => phase.startMs < startMs + SECOND && phase.endMs > startMs)
    return [...new Set(lying.map(({name}) => name))]
  }
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown))
}
