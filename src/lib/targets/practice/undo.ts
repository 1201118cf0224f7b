/** What was opened, to be closed in reverse; Node 20 has no AsyncDisposableStack. */

export class Undo implements AsyncDisposable {
  #opened: AsyncDisposable[] = []

  /** Takes charge of what `opening` yields, also when another opening beside it fails meanwhile. */
  async use<Thing extends AsyncDisposable>(opening: Promise<Thing>): Promise<Thing> {
    const thing = await opening
    this.#opened.push(thing)
    return thing
  }

  /**
   * Waits for all of them, then fails if one did: nothing is still being opened while the rest is closed.
   * @throws the first failure
   */
  async useAll<Thing extends AsyncDisposable>(openings: readonly Promise<Thing>[]): Promise<Thing[]> {
    const outcomes = await Promise.allSettled(openings.map((opening) => this.use(opening)))
    return outcomes.map((outcome) => {
      if (outcome.status === 'rejected') throw outcome.reason
      return outcome.value
    })
  }

  /** Closes everything, last opened first. @throws AggregateError with every failure, after all were tried */
  async [Symbol.asyncDispose](): Promise<void> {
    const failures: unknown[] = []
    for (const thing of this.#opened.splice(0).reverse()) {
      try {
        await thing[Symbol.asyncDispose]()
      } catch (error) {
        failures.push(error)
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, 'not everything of the practice target was closed')
  }
}
