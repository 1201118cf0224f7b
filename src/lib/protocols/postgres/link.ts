/** A session that comes back: whenever it is lost it is opened again, after the server process of the old one is gone. */
import {fullJitter, type Random} from '../../base/random.js'
import type {Clock} from '../../base/clock.js'
import type {Ms} from '../../base/units.js'
import {connect, type Door} from './connect.js'
import type {Backend, Session} from './session.js'
import {reasonOf} from './trouble.js'

const RETRY = {baseMs: 50, capMs: 2000} as const
const LOOK_EVERY: Ms = 20

export interface LinkListener {
  up(session: Session): void
  /** It was lost, or a try to open it again failed; it is tried again. */
  down(reason: string): void
}

export interface LinkOptions {
  readonly door: Door
  readonly clock: Clock
  readonly random: Random
  readonly listener: LinkListener
}

export class Link {
  readonly #end = new AbortController()
  #session: Session | undefined
  #kept: Promise<void> | undefined

  constructor(private readonly options: LinkOptions) {}

  /** Rejects when the first try fails; from then on nothing is given up. */
  async open(): Promise<Session> {
    const session = await connect(this.options.door)
    this.#kept = this.#keep(session)
    return session
  }

  /** Never rejects. */
  async close(): Promise<void> {
    this.#end.abort()
    await this.#session?.end()
    await this.#kept
  }

  async #keep(first: Session): Promise<void> {
    const {listener} = this.options
    let session: Session | undefined = first
    while (session !== undefined) {
      this.#session = session
      listener.up(session)
      const reason = await session.ended
      if (this.#end.signal.aborted) return
      listener.down(reason)
      session = await this.#again(session.backend)
    }
  }

  /** Undefined: closed meanwhile. */
  async #again(old: Backend | undefined): Promise<Session | undefined> {
    const {clock, random, listener} = this.options
    for (let attempt = 0; ; attempt++) {
      await clock.sleep(fullJitter({attempt, ...RETRY}, random), this.#end.signal)
      if (this.#end.signal.aborted) return undefined
      try {
        return await this.#successor(old)
      } catch (error) {
        listener.down(reasonOf(error))
      }
    }
  }

  async #successor(old: Backend | undefined): Promise<Session | undefined> {
    const {door, clock} = this.options
    const session = await connect(door)
    try {
      if (old !== undefined) await lay(old, session, {clock, withinMs: door.timeoutMs})
    } catch (error) {
      session.cut()
      throw error
    }
    if (!this.#end.signal.aborted) return session
    await session.end()
    return undefined
  }
}

const LAY = `
  SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = $1 AND backend_start::text = $2`

/**
 * A server process whose client is gone may still be at its last statement, and would store it after what comes over the new session:
 * it is ended first. It is our own, so that no privilege is needed.
 */
async function lay(
  {pid, startedAt}: Backend,
  session: Session,
  {clock, withinMs}: {clock: Clock; withinMs: Ms},
): Promise<void> {
  const deadline = clock.now() + withinMs
  while ((await session.ask(LAY, [pid, startedAt])).length > 0) {
    if (clock.now() > deadline) throw new Error('timeout: the server process of the lost session does not end')
    await clock.sleep(LOOK_EVERY)
  }
}
