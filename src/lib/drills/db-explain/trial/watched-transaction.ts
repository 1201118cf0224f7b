/** A transaction on a server in use that is always rolled back: at once when another session waits for its locks, or when it holds them for too long. */
import type {Clock} from '../../../base/clock.js'
import type {Ms} from '../../../base/units.js'
import type {Session} from '../../../protocols/postgres/session.js'
import {watchLocks, type LockWatch} from './lock-watch.js'

export interface TransactionLimits {
  readonly lockTimeoutMs: Ms
  readonly statementTimeoutMs: Ms
  /** Locks are held no longer than this at a time. */
  readonly holdMs: Ms
}

export interface TransactionKit {
  /** A second session on the same server, as the same role. */
  readonly watcher: Session
  readonly clock: Clock
  readonly limits: TransactionLimits
  /** Of the session's server process. */
  readonly pid: number
}

const LOOK_EVERY: Ms = 100

/** May be begun and ended again and again, until it was given up. */
export class WatchedTransaction implements AsyncDisposable {
  readonly #session: Session
  readonly #kit: TransactionKit
  readonly #over = new AbortController()
  /** Aborted when the transaction ends. */
  #current = aborted()
  #watch: LockWatch | undefined

  constructor(session: Session, kit: TransactionKit) {
    this.#session = session
    this.#kit = kit
  }

  /** Aborted when it was given up; its reason is a sentence. */
  get stopped(): AbortSignal {
    return this.#over.signal
  }

  get isOpen(): boolean {
    return !this.#current.signal.aborted && this.#session.isOpen
  }

  async begin(): Promise<void> {
    const {limits, clock, watcher, pid} = this.#kit
    this.#current = new AbortController()
    const over = this.#current.signal
    await this.#session.run('BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE')
    await this.#session.run(
      [
        `SET LOCAL lock_timeout = ${limits.lockTimeoutMs}`,
        `SET LOCAL statement_timeout = ${limits.statementTimeoutMs}`,
        `SET LOCAL idle_in_transaction_session_timeout = ${2 * limits.holdMs + 1000}`,
      ].join('; '),
    )
    this.#watch = watchLocks({watcher, pid, everyMs: LOOK_EVERY, clock, alarm: (reason) => this.#giveUp(reason)})
    void clock.sleep(limits.holdMs, over).then(async () => {
      if (!over.aborted) await this.#giveUp(`its locks were held for ${limits.holdMs / 1000} s`)
    })
  }

  /** Rolls it back, whatever state it is in. */
  async end(): Promise<void> {
    if (!this.isOpen) return
    this.#current.abort()
    const watch = this.#watch
    this.#watch = undefined
    await this.#session.run('ROLLBACK')
    await watch?.stop()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end()
    await this.#watch?.stop()
  }

  /** Never rejects. The statement under way is cancelled, and the rest is rolled back behind it. */
  async #giveUp(reason: string): Promise<void> {
    if (this.stopped.aborted || this.#current.signal.aborted) return
    this.#over.abort(reason)
    this.#current.abort()
    const {watcher, pid} = this.#kit
    if (watcher.isOpen) await watcher.ask('SELECT pg_cancel_backend($1)', [pid]).catch(() => undefined)
    // The cancellation may hit the first of them.
    for (let attempt = 0; attempt < 2 && this.#session.isOpen; attempt++) {
      await this.#session.run('ROLLBACK').catch(() => undefined)
    }
  }
}

function aborted(): AbortController {
  const controller = new AbortController()
  controller.abort()
  return controller
}
