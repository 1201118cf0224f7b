/** The course of one fault: its time comes, it is injected, its end comes, and it is put back, whatever happens meanwhile. */
import type {Clock} from '../../base/clock.js'
import type {Ms} from '../../base/units.js'
import type {FaultRecord, PlannedFault} from '../fault.js'
import type {Injector} from '../injector.js'
import type {Undoing} from '../journal/records.js'

/** How long putting back is tried: a target may be away for a moment. */
const REVERT_WITHIN_MS = 10_000
/** How long one try may take: longer than an injector waits for an answer, so that two tries seldom meet. */
const TRY_WITHIN_MS = 6000
/** How long a one-shot fault may take, and any other beyond its end, before it counts as failed. */
const INJECT_WITHIN_MS = {oneShot: 10_000, beyondEnd: 1000}
/** How long an injection that is under way is waited for when it must be put back. */
const SETTLE_WITHIN_MS = 1000
const RETRY_MS = {first: 50, most: 500}

export interface CourseKit {
  readonly clock: Clock
  /** Told before anything changes; it must be on disk when there is something to undo. */
  injecting(undoing: Undoing | undefined): void
  injected(): void
  /** Told at every change of the record. */
  changed(record: FaultRecord): void
}

export class Course {
  record: FaultRecord
  /** Resolves once the injection has come to an end, whichever. */
  #settled: Promise<unknown> = Promise.resolve()
  #reverting: Promise<void> | undefined

  constructor(
    fault: PlannedFault,
    readonly injector: Injector,
    readonly kit: CourseKit,
  ) {
    this.record = {fault, injectedAtMs: undefined, revertedAtMs: undefined, outcome: 'planned', evidence: {}}
  }

  /** Resolves when it is over: put back, or given up. Never rejects. */
  async run(startAtMs: Ms, stop: AbortSignal): Promise<void> {
    const {clock} = this.kit
    const {atMs, forMs} = this.record.fault
    const until = (time: Ms) => clock.sleep(startAtMs + time - clock.now(), stop)
    await until(atMs)
    if (stop.aborted) {
      this.skip()
      return
    }
    const end = until(atMs + forMs)
    const trouble = await this.#inject(forMs > 0 ? end : clock.sleep(INJECT_WITHIN_MS.oneShot, stop), stop)
    if (trouble === undefined) {
      if (forMs > 0) await end
      await this.revert()
    } else {
      await this.#takeBack(trouble)
    }
  }

  /** It never came to it. */
  skip(): void {
    if (this.record.outcome === 'planned') this.#change({outcome: 'not injected', trouble: 'the run ended before'})
  }

  /** Puts back what is active, trying again for 10 s; once more for what could not be put back before. Never rejects. */
  async revert(): Promise<void> {
    if (this.record.outcome !== 'active' && this.record.outcome !== 'not reverted') return
    await (this.#reverting ??= this.#revert().finally(() => (this.#reverting = undefined)))
  }

  /** Yields why it could not be injected; what hangs is given up a little after `limit`. */
  async #inject(limit: Promise<void>, stop: AbortSignal): Promise<string | undefined> {
    const {clock} = this.kit
    const late = limit
      .then(() => clock.sleep(INJECT_WITHIN_MS.beyondEnd))
      .then(() => Promise.reject(new Error('it took too long')))
    late.catch(() => undefined)
    try {
      const undoing = await Promise.race([this.injector.undoing?.(), late])
      if (stop.aborted) return 'the run ended before'
      this.kit.injecting(undoing)
      this.#change({outcome: 'active', injectedAtMs: clock.now()})
      const injecting = this.injector.inject()
      this.#settled = injecting.catch(() => undefined)
      await Promise.race([injecting, late])
      this.kit.injected()
      return undefined
    } catch (error) {
      return messageOf(error)
    }
  }

  /** What failed half-way may have changed something all the same. */
  async #takeBack(trouble: string): Promise<void> {
    if (this.record.outcome === 'active') await this.revert()
    if (this.record.outcome === 'not reverted') return
    this.#change({outcome: 'not injected', injectedAtMs: undefined, revertedAtMs: undefined, trouble})
  }

  async #revert(): Promise<void> {
    const {clock} = this.kit
    const giveUpAt = clock.now() + REVERT_WITHIN_MS
    let trouble = await this.#tryToRevert()
    for (let pause = RETRY_MS.first; trouble !== undefined && clock.now() + pause < giveUpAt;) {
      await clock.sleep(pause)
      trouble = await this.#tryToRevert()
      pause = Math.min(pause * 2, RETRY_MS.most)
    }
    const evidence = this.injector.evidence()
    if (trouble === undefined) this.#change({outcome: 'reverted', revertedAtMs: clock.now(), evidence})
    else this.#change({outcome: 'not reverted', trouble, evidence})
  }

  /** Yields why it failed. What is still being injected would come after the revert, so it is waited for, and else put back again. */
  async #tryToRevert(): Promise<string | undefined> {
    const {clock} = this.kit
    const {injector} = this
    const late = clock.sleep(TRY_WITHIN_MS).then(() => Promise.reject(new Error('no answer in time')))
    late.catch(() => undefined)
    try {
      const settled = this.#settled.then(() => true)
      const inTime = await Promise.race([settled, clock.sleep(SETTLE_WITHIN_MS)])
      await Promise.race([injector.revert(), late])
      if (!inTime) void settled.then(() => injector.revert()).catch(() => undefined)
      return undefined
    } catch (error) {
      return messageOf(error)
    }
  }

  #change(change: Partial<FaultRecord>): void {
    const {trouble: _, ...record} = this.record
    this.record = {...record, ...change}
    this.kit.changed(this.record)
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
