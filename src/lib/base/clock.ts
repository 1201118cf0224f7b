/** Time, handed in: the host's monotonic clock for runs, a leaping one for tests. */
import type {Ms} from './units.js'

export interface Clock {
  /** Monotonic milliseconds with fractions; the same origin in every process of this host. */
  now(): Ms
  /** Resolves after `length`, or at once when `signal` aborts (it never rejects). */
  sleep(length: Ms, signal?: AbortSignal): Promise<void>
  /** Resolves at `due`, as sharply as can be had: within microseconds as long as few wait so, else like `sleep`; at once when `signal` aborts. */
  reach(due: Ms, signal?: AbortSignal): Promise<void>
  /** Civil time, for reports only. */
  date(): Date
}

/** setTimeout fires at once when it is asked for more (https://nodejs.org/api/timers.html#settimeoutcallback-delay-args). */
const LONGEST_TIMER = 2 ** 31 - 1

/** Node's timers are up to two milliseconds late, so that who must be sharp waits for the last bit otherwise: */
const BLUNT: Ms = 2
/** the thread is put to sleep, turn by turn of the event loop, at most so long, because answers wait meanwhile; */
const LONGEST_NAP: Ms = 0.25
/** and as that too is up to a tenth of a millisecond late, the very last bit is spun, */
const SPIN: Ms = 0.15
/** which burns the processor, so that it may take no more than this share of the time, */
const SPIN_SHARE = 0.05
/** saved up for at most so long. */
const MOST_SAVED: Ms = 5

/**
 * The host's monotonic clock. Its origin is that of process.hrtime, which all processes of a host share; performance.now()
 * has an origin of its own but runs on the same clock and is cheaper to ask, so that it is asked and shifted by the difference.
 */
export class HostClock implements Clock {
  readonly #offset = originOfPerformance()
  /** Time that may be spun, as of `#savedAt`. */
  #saved: Ms = MOST_SAVED
  #savedAt: Ms = this.now()

  now(): Ms {
    return stopwatch.now() + this.#offset
  }

  /** Never resolves early: Node's timers drop fractions of a millisecond and may fire up to one early. */
  sleep(length: Ms, signal?: AbortSignal): Promise<void> {
    const due = this.now() + length
    return new Promise((resolve) => {
      let timer: NodeJS.Timeout | undefined
      const end = () => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', end)
        resolve()
      }
      const wait = () => {
        const left = due - this.now()
        if (left > 0) timer = setTimeout(wait, Math.min(Math.ceil(left), LONGEST_TIMER))
        else end()
      }
      if (signal?.aborted) {
        resolve()
        return
      }
      signal?.addEventListener('abort', end)
      wait()
    })
  }

  async reach(due: Ms, signal?: AbortSignal): Promise<void> {
    await this.sleep(Math.floor(due - this.now() - BLUNT), signal)
    for (let left = due - this.now(); left > 0 && !signal?.aborted; left = due - this.now()) {
      if (left > LONGEST_NAP + SPIN || !this.#maySpin()) nap(LONGEST_NAP)
      else this.#hit(due)
      await turn()
    }
  }

  /** Sleeps most of what is left, and spins the rest. */
  #hit(due: Ms): void {
    nap(due - this.now() - SPIN)
    const from = this.now()
    while (this.now() < due);
    this.#saved -= this.now() - from
  }

  #maySpin(): boolean {
    const now = this.now()
    this.#saved = Math.min(MOST_SAVED, this.#saved + (now - this.#savedAt) * SPIN_SHARE)
    this.#savedAt = now
    return this.#saved > SPIN
  }

  date(): Date {
    return new Date()
  }
}

interface Sleeper {
  readonly due: Ms
  wake(): void
}

/** For tests: time stands still until `advance` makes it leap from one sleeper to the next. */
export class LeapingClock implements Clock {
  static readonly epoch = new Date('2026-01-01T00:00:00.000Z')
  #now: Ms = 0
  /** In the order in which they are due; of equals, the one that slept first wakes first. */
  readonly #sleepers: Sleeper[] = []

  now(): Ms {
    return this.#now
  }

  sleep(length: Ms, signal?: AbortSignal): Promise<void> {
    if (!(length > 0) || signal?.aborted) return Promise.resolve()
    return new Promise((resolve) => {
      const wake = () => {
        signal?.removeEventListener('abort', abort)
        resolve()
      }
      const sleeper = {due: this.#now + length, wake}
      const abort = () => {
        this.#sleepers.splice(this.#sleepers.indexOf(sleeper), 1)
        wake()
      }
      signal?.addEventListener('abort', abort)
      this.#add(sleeper)
    })
  }

  reach(due: Ms, signal?: AbortSignal): Promise<void> {
    return this.sleep(due - this.#now, signal)
  }

  date(): Date {
    return new Date(LeapingClock.epoch.getTime() + this.#now)
  }

  /** How many sleep right now. */
  get sleeping(): number {
    return this.#sleepers.length
  }

  /** Lets `length` pass: wakes sleepers in due order, those that fall asleep meanwhile too, and lets each one's work settle. */
  async advance(length: Ms): Promise<void> {
    const end = this.#now + length
    await turn()
    for (let next = this.#sleepers[0]; next && next.due <= end; next = this.#sleepers[0]) {
      this.#sleepers.shift()
      this.#now = next.due
      next.wake()
      await turn()
    }
    this.#now = end
  }

  #add(sleeper: Sleeper): void {
    let [low, high] = [0, this.#sleepers.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#sleepers[middle]?.due ?? 0) <= sleeper.due) low = middle + 1
      else high = middle
    }
    this.#sleepers.splice(low, 0, sleeper)
  }
}

/** The global is a getter, which is asked often enough to be felt. */
const stopwatch = performance

const nobodyWakes = new Int32Array(new SharedArrayBuffer(4))

/** Puts the whole thread to sleep: it neither burns the processor nor leaves garbage, as looking at the clock over and over does. */
function nap(length: Ms): void {
  if (length > 0) Atomics.wait(nobodyWakes, 0, 0, length)
}

/** One turn of the event loop; every microtask has run by then, however long their chain. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}

/** What process.hrtime showed when performance.now() was 0; of some tries, the one that was interrupted least. */
function originOfPerformance(): Ms {
  let [origin, narrowest] = [0, Infinity]
  for (let trial = 0; trial < 20; trial++) {
    const before = performance.now()
    const hrtime = Number(process.hrtime.bigint()) / 1e6
    const width = performance.now() - before
    if (width < narrowest) [origin, narrowest] = [hrtime - before - width / 2, width]
  }
  return origin
}
