/** Those who want to hear which parts of the practice target end unasked. */
import type {Loss} from './nodes.js'

export class Losses {
  readonly #listeners: ((loss: Loss) => void)[] = []

  listen(listener: (loss: Loss) => void): void {
    this.#listeners.push(listener)
  }

  tell(loss: Loss): void {
    for (const listener of this.#listeners) listener(loss)
  }
}
