/** The exit code is a product of this tool; here is what each means. They are the same with and without `--json`. */
import {ProofloadError} from '../base/errors.js'
import type {Verdict} from '../verdict/finding.js'
import {exitCodeOf} from '../verdict/verdict.js'

export const EXIT = {
  /** Every threshold held; or the result was inconclusive and `--on-inconclusive pass` was given. */
  held: 0,
  /** A bug of ours. */
  bug: 1,
  /** Wrong usage or config, a host that is not allowed. */
  usage: 2,
  /** The target cannot be used. */
  target: 69,
  /** Inconclusive. */
  inconclusive: 98,
  /** A threshold was broken, or `--stop-when` stopped the run. */
  broken: 99,
  /** Interrupted by Ctrl-C; a report is still written. */
  interrupted: 130,
  /** Ended by SIGTERM or SIGHUP; a report is still written. */
  terminated: 143,
} as const

/** Signals that end a run early, and the exit code that stands above any verdict then. */
export const SIGNAL_CODES = {SIGINT: EXIT.interrupted, SIGTERM: EXIT.terminated, SIGHUP: EXIT.terminated} as const

export type EndingSignal = keyof typeof SIGNAL_CODES

/** What we throw on purpose knows its code; anything else is a bug. */
export function exitCodeFor(error: unknown): number {
  return error instanceof ProofloadError ? error.exitCode : EXIT.bug
}

export interface Ending {
  readonly verdict: Verdict
  readonly onInconclusive: 'fail' | 'pass'
  readonly signal: EndingSignal | undefined
  /** `--stop-when` ended it. */
  readonly stopped?: boolean
}

/** The code of a run that was judged; a signal stands above any verdict, and so does a condition that stopped it. */
export function exitCodeOfRun({verdict, onInconclusive, signal, stopped = false}: Ending): number {
  if (signal !== undefined) return SIGNAL_CODES[signal]
  return stopped ? EXIT.broken : exitCodeOf(verdict, {onInconclusive})
}

/** The run was ended by a signal before there was anything to judge. */
export class Interrupted extends ProofloadError {
  readonly code = 'interrupted'
  readonly exitCode: number

  constructor(signal: EndingSignal) {
    super(`ended by ${signal} before anything was measured`)
    this.exitCode = SIGNAL_CODES[signal]
  }
}
