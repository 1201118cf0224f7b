/** What a run has opened or started: kept by name, and given back last-first. */

interface Belonging {
  readonly name: () => string
  readonly thing: AsyncDisposable
}

export class Belongings {
  readonly #kept: Belonging[] = []

  /** Keeps a thing until `release`. A name that changes as the thing does is asked for when it is needed; '' for what leaves nothing behind. */
  keep<Thing extends AsyncDisposable>(name: string | (() => string), thing: Thing): Thing {
    this.#kept.push({name: typeof name === 'string' ? () => name : name, thing})
    return thing
  }

  /** Names of what is not given back yet, first-first. */
  get names(): readonly string[] {
    return this.#kept.map(({name}) => name()).filter((name) => name !== '')
  }

  /** Gives everything back, whatever fails meanwhile; yields a line for each that failed. */
  async release(): Promise<string[]> {
    const failures: string[] = []
    for (let last = this.#kept.at(-1); last !== undefined; last = this.#kept.at(-1)) {
      const name = last.name()
      try {
        await last.thing[Symbol.asyncDispose]()
      } catch (error) {
        failures.push(`${name} could not be tidied up: ${error instanceof Error ? error.message : String(error)}`)
      }
      this.#kept.pop()
    }
    return failures
  }
}
