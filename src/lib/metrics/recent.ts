/** The newest numbers of a sequence that may be long: what is older than the newest `most` is forgotten. */
export class Recent {
  readonly #numbers = new Set<number>()

  constructor(private readonly most: number) {}

  add(number: number): void {
    this.#numbers.add(number)
    const [oldest] = this.#numbers
    if (this.#numbers.size > this.most && oldest !== undefined) this.#numbers.delete(oldest)
  }

  has(number: number): boolean {
    return this.#numbers.has(number)
  }
}
