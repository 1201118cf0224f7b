/** Keeps one shard in order, on a connection of its own: of all nodes the one that holds the lock does the work, until it is gone. */
import type pg from 'pg'
import type {Clock} from '../../base/clock.js'
import {fullJitter, type Random} from '../../base/random.js'
import {BACKOFF, CARE_EVERY_MS} from './limits.js'

/** Done again and again, one after the other, by the node that has the lock. */
export type Chore = (client: pg.ClientBase) => Promise<unknown>

export interface CaretakerParts {
  /** Of one connection; ended with the caretaker. */
  readonly pool: pg.Pool
  readonly clock: Clock
  readonly random: Random
  readonly chores: readonly Chore[]
}

/** The lock is the session's: it is free as soon as the connection is lost. */
const LEAD = 'select pg_try_advisory_lock(7346522) as leads'

export class Caretaker {
  readonly #ending = new AbortController()
  readonly #done: Promise<void>
  #leads = false

  constructor(private readonly parts: CaretakerParts) {
    this.#done = this.#care()
  }

  /** Whether this node does the work. */
  get leads(): boolean {
    return this.#leads
  }

  /** Resolves when nothing is done any more, and the connection is closed. */
  async close(): Promise<void> {
    this.#ending.abort()
    await this.#done
    await this.parts.pool.end()
  }

  /** Never rejects. */
  async #care(): Promise<void> {
    const {clock, random} = this.parts
    const {signal} = this.#ending
    for (let attempt = 0; !signal.aborted; attempt++) {
      const served = await this.#serve()
      if (served) attempt = 0
      await clock.sleep(fullJitter({attempt, ...BACKOFF}, random), signal)
    }
  }

  /** Until the connection fails; resolves with whether it was good at first. */
  async #serve(): Promise<boolean> {
    const client = await this.parts.pool.connect().catch(() => undefined)
    if (client === undefined) return false
    let served = false
    try {
      while (!this.#ending.signal.aborted) {
        await this.#round(client)
        served = true
        await this.parts.clock.sleep(CARE_EVERY_MS, this.#ending.signal)
      }
    } catch {
      // Whatever it was: another node may be luckier, and a new connection takes nothing over from this one.
    }
    this.#leads = false
    client.release(true)
    return served
  }

  async #round(client: pg.ClientBase): Promise<void> {
    this.#leads ||= (await client.query<{leads: boolean}>(LEAD)).rows[0]?.leads === true
    if (this.#leads) for (const chore of this.parts.chores) await chore(client)
  }
}
