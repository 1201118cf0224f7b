/** Asks the transport once a second how many messages wait in it, and keeps the most. */
import type {Clock} from '../../base/clock.js'
import type {Ms} from '../../base/units.js'
import type {RunSite} from './sites.js'

const ASK_EVERY: Ms = 1000

export class DeepestQueue implements AsyncDisposable {
  /** Undefined as long as the transport has not told. */
  most: number | undefined
  readonly #over = new AbortController()
  readonly #asking: Promise<void>

  constructor(site: RunSite | undefined, clock: Clock) {
    this.#asking = this.#ask(site, clock)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#over.abort()
    await this.#asking
  }

  async #ask(site: RunSite | undefined, clock: Clock): Promise<void> {
    const {signal} = this.#over
    if (!site?.depth) return
    for (;;) {
      await clock.sleep(ASK_EVERY, signal)
      if (signal.aborted) return
      // A transport that is away tells nothing; that it is, others notice.
      const depth = await site.depth().catch(() => undefined)
      if (depth !== undefined) this.most = Math.max(this.most ?? 0, depth)
    }
  }
}
