/** CLIENT PAUSE: holds commands (all, or those that write) until a time, or until CLIENT UNPAUSE. */
import {performance} from 'node:perf_hooks'

export class Pause {
  #until = 0
  #all = false
  #timer: NodeJS.Timeout | undefined

  /** @param onEnd held commands may go on */
  constructor(private readonly onEnd: () => void) {}

  /** As in Redis, a second pause can make the first one longer and stricter, never shorter or milder. */
  start(lengthMs: number, all: boolean): void {
    const wasOn = this.#isOn()
    this.#all = all || (wasOn && this.#all)
    this.#until = Math.max(this.#until, performance.now() + lengthMs)
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.end(), this.#until - performance.now())
  }

  end(): void {
    clearTimeout(this.#timer)
    this.#until = 0
    this.onEnd()
  }

  holds(writes: boolean): boolean {
    return this.#isOn() && (this.#all || writes)
  }

  #isOn(): boolean {
    // Until the timer says so: what came in between would overtake what is held.
    return this.#until > 0
  }
}
