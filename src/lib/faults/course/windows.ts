/** Recovery, told by whole seconds: it begins with the first of three good ones in a row after the fault was put right; pure. */
import {formatDuration} from '../../base/format-units.js'
import type {Ms} from '../../base/units.js'

const WINDOW: Ms = 1000
/** Good windows in a row that make a recovery. */
const IN_A_ROW = 3
/** Of the successes before the fault. */
const ENOUGH = 0.9

/** One whole second of the run. */
export interface Window {
  /** From the run's start. */
  readonly startMs: Ms
  readonly successes: number
  /** Every steady threshold holds in it. */
  readonly held: boolean
  /** It lies in the steady phase, clear of every fault and recovery. */
  readonly steady: boolean
}

/** When a fault was over; or that it could not be told, and what is known all the same. */
export type Recovery =
  | {readonly state: 'seen'; readonly atMs: Ms; readonly afterMs: Ms}
  | {readonly state: 'unseen'; readonly why: string; readonly atLeastMs?: Ms}

interface Pending {
  readonly index: number
  readonly revertedAtMs: Ms
}

/** Faults are known by their index; times count from the run's start and never go back. */
export class RecoveryWatch {
  readonly #before: number[] = []
  readonly #found = new Map<number, Recovery>()
  #pending: Pending[] = []
  /** Faults that are in force. */
  readonly #active = new Set<number>()
  /** What is before this was not clear of faults. */
  #clearFromMs: Ms = 0
  #streak: {readonly startMs: Ms; readonly windows: number} | undefined
  #endMs: Ms = 0

  injected(index: number, atMs: Ms): void {
    this.#active.add(index)
    this.#giveUp(atMs, () => 'the next fault came before it had recovered')
    this.#streak = undefined
  }

  reverted(index: number, atMs: Ms): void {
    this.#active.delete(index)
    this.#pending.push({index, revertedAtMs: atMs})
    this.#clearFromMs = atMs
    this.#streak = undefined
  }

  /** Windows in their order, each once. */
  window({startMs, successes, held, steady}: Window): void {
    this.#endMs = startMs + WINDOW
    const clear = this.#active.size === 0 && startMs >= this.#clearFromMs
    if (clear && this.recovering) this.#try(startMs, held && this.#isEnough(successes))
    else if (clear && steady) this.#before.push(successes)
  }

  #try(startMs: Ms, good: boolean): void {
    const {startMs: fromMs, windows} = this.#streak ?? {startMs, windows: 0}
    this.#streak = good ? {startMs: fromMs, windows: windows + 1} : undefined
    if (good && windows + 1 === IN_A_ROW) this.#recovered(fromMs)
  }

  /** Nothing more is watched. */
  end(atMs: Ms): void {
    this.#giveUp(atMs, (since) => `the run went on for only ${formatDuration(since)} after the revert; run longer`)
  }

  /** Some fault was put right and has not recovered yet. */
  get recovering(): boolean {
    return this.#pending.length > 0
  }

  /** Undefined for a fault that was never put right, or is still watched. */
  recovery(index: number): Recovery | undefined {
    return this.#found.get(index)
  }

  #recovered(atMs: Ms): void {
    for (const {index, revertedAtMs} of this.#pending)
      this.#found.set(index, {state: 'seen', atMs, afterMs: atMs - revertedAtMs})
    this.#pending = []
    this.#streak = undefined
  }

  #giveUp(atMs: Ms, why: (sinceRevert: Ms) => string): void {
    const incomparable = this.#incomparable()
    for (const {index, revertedAtMs} of this.#pending) {
      const known = Math.max(0, (this.#streak?.startMs ?? this.#endMs) - revertedAtMs)
      const words = `not seen to recover: ${incomparable ?? why(Math.max(0, atMs - revertedAtMs))}`
      const atLeast = incomparable === undefined ? {atLeastMs: known} : {}
      this.#found.set(index, {state: 'unseen', why: words, ...atLeast})
    }
    this.#pending = []
  }

  /** A second in which an operation fell just into the next one is no outage, so the slowest second before is enough as well. */
  #isEnough(successes: number): boolean {
    if (this.#incomparable() !== undefined) return false
    const mean = this.#before.reduce((sum, before) => sum + before, 0) / this.#before.length
    return successes >= Math.min(ENOUGH * mean, ...this.#before)
  }

  #incomparable(): string | undefined {
    if (this.#before.length === 0)
      return 'there was no whole steady second before the fault to compare with; let the fault begin at 3s or later'
    if (Math.min(...this.#before) === 0)
      return 'before the fault there were seconds without any success, so that silence tells nothing; raise the rate'
    return undefined
  }
}
