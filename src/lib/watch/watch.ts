/** Looks at every watched system once a second while a run goes on. */
import type {Ms} from '../base/units.js'
import {WatchBook} from './book.js'
import type {WatchFacts} from './facts.js'
import {openWatcher, type OpenWatcher} from './open-watcher.js'
import {unwatchable, whyOf} from './refusal.js'
import type {WatchSpec} from './spec.js'
import type {Watcher, WatcherKit} from './watcher.js'

const EVERY: Ms = 1000

export interface WatchKit extends WatcherKit {
  /** Ends the looking; `stop` still brings home what was seen. */
  readonly signal: AbortSignal
  readonly everyMs?: Ms
  /** For tests. */
  readonly open?: OpenWatcher
}

export interface Watch extends AsyncDisposable {
  /** Ends it and brings the figures home, one a second from `originMs`, the run's start on the host's clock. Never rejects. */
  stop(originMs: Ms): Promise<WatchFacts>
}

interface Watched {
  readonly spec: WatchSpec
  readonly watcher: Watcher
  readonly book: WatchBook
}

/**
 * Tries every system once, then looks at each by itself: never twice at the same time, so that a slow answer costs looks, which are counted.
 * What fails later is counted and tried again; it ends nothing.
 * @throws TargetError when a system does not answer the first time; UsageError when it lacks what was named. Nothing is left open then.
 */
export async function startWatch(specs: readonly WatchSpec[], kit: WatchKit): Promise<Watch> {
  const open = kit.open ?? openWatcher
  const all = specs.map((spec) => ({spec, watcher: open(spec, kit), book: new WatchBook(spec)}))
  const tries = await Promise.allSettled(all.map((one) => firstLook(one, kit)))
  const refused = tries.find((result) => result.status === 'rejected')
  if (refused !== undefined || kit.signal.aborted) await closeAll(all)
  if (refused !== undefined) throw refused.reason
  kit.signal.throwIfAborted()
  const ending = new AbortController()
  const signal = AbortSignal.any([kit.signal, ending.signal])
  const loops = all.map((one) => lookOn(one, {...kit, signal}))
  const end = async () => {
    ending.abort()
    await Promise.all(loops)
    await closeAll(all)
  }
  return {
    async stop(originMs) {
      await end()
      const endMs = kit.clock.now()
      return {systems: all.map(({book}) => book.facts(originMs, endMs))}
    },
    [Symbol.asyncDispose]: end,
  }
}

async function firstLook({spec, watcher, book}: Watched, {clock}: WatchKit): Promise<void> {
  const atMs = clock.now()
  try {
    book.enter(await watcher.sample(), atMs)
  } catch (error) {
    throw unwatchable(spec, error)
  }
}

/** Each look is due at a fixed time; what is under way when the watching ends is not waited for. */
async function lookOn({watcher, book}: Watched, {clock, signal, everyMs = EVERY}: WatchKit): Promise<void> {
  const started = clock.now()
  let isLooking = false
  for (let look = 1; ; look++) {
    const dueMs = started + look * everyMs
    await clock.sleep(dueMs - clock.now(), signal)
    if (signal.aborted) return
    if (isLooking) {
      book.skip()
      continue
    }
    isLooking = true
    void watcher
      .sample()
      .then(
        (sample) => book.enter(sample, dueMs),
        (error: unknown) => {
          if (!signal.aborted) book.fail(whyOf(error), dueMs)
        },
      )
      .finally(() => (isLooking = false))
  }
}

async function closeAll(all: readonly Watched[]): Promise<void> {
  await Promise.allSettled(all.map(({watcher}) => watcher.close()))
}
