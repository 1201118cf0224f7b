/** One worker process as the coordinator sees it: steps go out, pulses and results come back, and its end is noticed. */
import {fork, type ChildProcess} from 'node:child_process'
import {once} from 'node:events'
import {entryOf} from '../base/entry.js'
import type {Assignment, FromWorker, ToWorker} from './messages.js'
import type {Pulse} from '../metrics/pulse.js'
import {revive} from './serialised-error.js'

/**
 * Of many connections each keeps what it needs as long as it lives, so that a large young generation only holds dead handshakes (with
 * 50,000 users 4 MiB take about 1.4 KB a connection less than Node's 16). Of many messages everything dies at once, and a large one is
 * collected less often (at 20,000 a second in 5 % of the time, against 10), though Node's own makes longer pauses.
 */
const YOUNG_GENERATION = {connections: ['--max-semi-space-size=4'], messages: ['--max-semi-space-size=8']} as const

/** What a worker has many of. */
export type ManyOf = keyof typeof YOUNG_GENERATION
const KEPT_STDERR = 2000
const PATIENCE_MS = 5000

export interface WorkerDeath {
  readonly worker: number
  /** `killed by SIGKILL`, `exit code 1: …`. */
  readonly how: string
}

export interface ColleagueEvents {
  pulse(worker: number, pulse: Pulse): void
  died(death: WorkerDeath): void
}

interface Waiting {
  resolve(result: unknown): void
  reject(error: Error): void
}

/** Id of the answer to `prepare`; steps count from 1. */
const PREPARED = 0

export class Colleague {
  readonly #child: ChildProcess
  readonly #events: ColleagueEvents
  readonly #waiting = new Map<number, Waiting>()
  #stderr = ''
  #dismissed = false
  #gone = false
  #steps = PREPARED

  constructor(
    readonly index: number,
    manyOf: ManyOf,
    events: ColleagueEvents,
  ) {
    this.#events = events
    this.#child = fork(entryOf('./worker-main.js', import.meta.url), {
      detached: true,
      execArgv: [...YOUNG_GENERATION[manyOf]],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    this.#child.stderr?.on(
      'data',
      (chunk: Buffer) => (this.#stderr = (this.#stderr + chunk.toString()).slice(-KEPT_STDERR)),
    )
    this.#child.on('message', (message) => this.#hear(message as FromWorker))
    this.#child.on('error', (error) => this.#end(error.message))
    // Not at its exit, when its last words and results may still be in the pipes.
    this.#child.on('close', (code, signal) => this.#end(signal ? `killed by ${signal}` : `exit code ${code ?? '?'}`))
  }

  get alive(): boolean {
    return !this.#gone
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  /** Resolves to the resident bytes of the worker before it does anything; to undefined when it died. */
  async prepare(assignment: Assignment): Promise<number | undefined> {
    return (await this.#ask(PREPARED, {kind: 'prepare', assignment})) as number | undefined
  }

  /** Runs one named step. Rejects with the step's error; resolves to undefined when the worker died. */
  async step(name: string, input: unknown): Promise<unknown> {
    const id = ++this.#steps
    return this.#ask(id, {kind: 'step', id, name, input})
  }

  tell(message: ToWorker): void {
    if (this.#child.connected) this.#child.send(message, () => undefined)
  }

  /** Ends the worker: it goes when its channel closes; one that does not is killed. */
  async dismiss(): Promise<void> {
    this.#dismissed = true
    if (!this.#gone && !this.#hasExited) await this.#release()
    this.#end('dismissed')
  }

  async #release(): Promise<void> {
    // Not 'close': after we closed the channel ourselves that one may never come.
    const exited = once(this.#child, 'exit')
    if (this.#child.connected) this.#child.disconnect()
    const killer = setTimeout(() => this.#child.kill('SIGKILL'), PATIENCE_MS)
    await exited
    clearTimeout(killer)
  }

  /** From its exit on, which comes before the end of its pipes. */
  get #hasExited(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null
  }

  #ask(id: number, message: ToWorker): Promise<unknown> {
    if (this.#gone) return Promise.resolve(undefined)
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, {resolve, reject})
      this.tell(message)
    })
  }

  #hear(message: FromWorker): void {
    switch (message.kind) {
      case 'ready':
        return this.#answer(PREPARED, message.rssBytes)
      case 'pulse':
        return this.#events.pulse(this.index, message.pulse)
      case 'done':
        return this.#answer(message.id, message.result)
      case 'failed':
        return this.#answer(message.id ?? PREPARED, revive(message.error))
    }
  }

  #answer(id: number, result: unknown): void {
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    if (result instanceof Error) waiting?.reject(result)
    else waiting?.resolve(result)
  }

  #end(how: string): void {
    if (this.#gone) return
    this.#gone = true
    const lastWords = lastWordsIn(this.#stderr)
    if (!this.#dismissed) this.#events.died({worker: this.index, how: lastWords ? `${how}: ${lastWords}` : how})
    for (const id of [...this.#waiting.keys()]) this.#answer(id, undefined)
  }
}

/** Node writes the error above its stack and the Node version below it; the error is what says why. */
function lastWordsIn(stderr: string): string {
  const lines = stderr.trim().split('\n')
  return (
    lines.findLast((line) => /^(?:\w*(?:Error|Exception)\b|FATAL ERROR).*: /.test(line)) ??
    lines.at(-1) ??
    ''
  ).trim()
}
