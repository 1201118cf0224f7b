/** The last words of a server, kept to explain why it did not start. */

const KEPT_CHARACTERS = 2000

export class Tail {
  #text = ''

  add(chunk: Buffer | string): void {
    this.#text = (this.#text + chunk.toString()).slice(-KEPT_CHARACTERS)
  }

  /** The last lines on one line. */
  text(): string {
    return this.#text
      .trim()
      .split(/\s*\n\s*/)
      .slice(-6)
      .join(' | ')
  }
}
