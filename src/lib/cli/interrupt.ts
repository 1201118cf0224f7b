/** Ctrl-C once: stop the load and judge what was measured. Twice: leave at once, and say what may not have been tidied up. */
import {type EndingSignal, Interrupted, SIGNAL_CODES} from './exit-codes.js'

const SIGNALS = Object.keys(SIGNAL_CODES) as readonly EndingSignal[]

export interface Interrupts extends Disposable {
  /** Aborts on the first signal. */
  readonly signal: AbortSignal
  /** The first signal that came. */
  readonly by: EndingSignal | undefined
}

export interface InterruptOptions {
  /** What the first signal brings about: `stopping the load and judging what was measured`. */
  readonly meaning: string
  /** Shows a line on stderr. */
  readonly say: (text: string) => void
  /** What we have started or opened and not yet tidied up. */
  readonly untidied: () => readonly string[]
  /** Where signals come from; the process, but for tests. */
  readonly source?: SignalSource
  /** Ends the process. */
  readonly leave?: (code: number) => void
}

/** The part of the process that tells of signals. */
export interface SignalSource {
  on(name: EndingSignal, listener: () => void): unknown
  off(name: EndingSignal, listener: () => void): unknown
}

/** Listens until it is disposed of. SIGHUP (the terminal was closed) is taken as SIGTERM is. */
export function listenForSignals(options: InterruptOptions): Interrupts {
  const {source = process, leave = leaveAtOnce} = options
  const controller = new AbortController()
  let first: EndingSignal | undefined
  const onSignal = (signal: EndingSignal) => {
    if (first !== undefined) {
      options.say(farewell(options.untidied()))
      leave(SIGNAL_CODES[signal])
      return
    }
    first = signal
    options.say(`${signal}: ${options.meaning}; once more leaves at once`)
    controller.abort(new Interrupted(signal))
  }
  const listeners = SIGNALS.map((name) => [name, () => onSignal(name)] as const)
  for (const [name, listener] of listeners) source.on(name, listener)
  return {
    signal: controller.signal,
    get by() {
      return first
    },
    [Symbol.dispose]: () => {
      for (const [name, listener] of listeners) source.off(name, listener)
    },
  }
}

function farewell(untidied: readonly string[]): string {
  return untidied.length === 0 ? 'left at once' : `left at once; may not be tidied up: ${untidied.join(', ')}`
}

function leaveAtOnce(code: number): void {
  // eslint-disable-next-line no-restricted-properties -- The user asked twice: waiting for anything now would be wrong.
  process.exit(code)
}
