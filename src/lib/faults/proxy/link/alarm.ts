/** Rings once, when its time has come: a timer that is never more than half a millisecond early and knows no longest time. */
import type {Ms} from '../../../base/units.js'

/** setTimeout fires at once when it is asked for more (https://nodejs.org/api/timers.html#settimeoutcallback-delay-args). */
const LONGEST_TIMER = 2 ** 31 - 1

/** What is due within this is due now: Node's timers know whole milliseconds only. */
export const DUE_NOW: Ms = 0.5

export class Alarm {
  #timer: NodeJS.Timeout | undefined

  constructor(
    private readonly now: () => Ms,
    private readonly ring: () => void,
  ) {}

  /** Takes the place of the time set before; Infinity never comes. */
  set(due: Ms): void {
    this.clear()
    if (due === Infinity) return
    const left = Math.max(1, Math.round(due - this.now()))
    this.#timer = setTimeout(() => this.#fire(due), Math.min(left, LONGEST_TIMER))
  }

  clear(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #fire(due: Ms): void {
    this.#timer = undefined
    if (due - this.now() > DUE_NOW) this.set(due)
    else this.ring()
  }
}
