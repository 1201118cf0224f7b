/** What was written and not yet confirmed, kept within bounds: a server that does not read must not fill our memory. */

/** Of one connection. */
export class Backlog {
  readonly #mostMessages: number
  readonly #mostBytes: number
  #messages = 0
  #bytes = 0

  constructor(mostMessages: number, mostBytes: number) {
    this.#mostMessages = mostMessages
    this.#mostBytes = mostBytes
  }

  /** False, and nothing is counted, when it would be too much; a single message always fits, however large. */
  add(bytes: number): boolean {
    if (this.#messages > 0 && (this.#messages >= this.#mostMessages || this.#bytes + bytes > this.#mostBytes))
      return false
    this.#messages++
    this.#bytes += bytes
    return true
  }

  remove(bytes: number): void {
    this.#messages--
    this.#bytes -= bytes
  }
}
