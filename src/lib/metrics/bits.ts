/** A small set of whole numbers, one bit each: who is in a room, who still waits for a message. */
export class Bits implements Iterable<number> {
  /** The first 32 stand by themselves, as most sets are no larger and there is one for every message. */
  #first = 0
  readonly #more: Uint32Array | undefined

  constructor(size: number | Bits) {
    if (typeof size === 'number') this.#more = size > 32 ? new Uint32Array((size - 1) >>> 5) : undefined
    else {
      this.#first = size.#first
      this.#more = size.#more?.slice()
    }
  }

  has(index: number): boolean {
    const word = index < 32 ? this.#first : (this.#more?.[(index >>> 5) - 1] ?? 0)
    return (word & (1 << (index & 31))) !== 0
  }

  add(index: number): void {
    if (index < 32) this.#first |= 1 << index
    else this.#change(index, (word, bit) => word | bit)
  }

  remove(index: number): void {
    if (index < 32) this.#first &= ~(1 << index)
    else this.#change(index, (word, bit) => word & ~bit)
  }

  #change(index: number, change: (word: number, bit: number) => number): void {
    const place = (index >>> 5) - 1
    if (this.#more) this.#more[place] = change(this.#more[place] ?? 0, 1 << (index & 31))
  }

  copy(): Bits {
    return new Bits(this)
  }

  get size(): number {
    let size = ones(this.#first)
    for (const word of this.#more ?? []) size += ones(word)
    return size
  }

  *[Symbol.iterator](): Iterator<number> {
    const end = 32 * (1 + (this.#more?.length ?? 0))
    for (let index = 0; index < end; index++) if (this.has(index)) yield index
  }
}

/** Number of ones in a 32-bit word, by adding neighbours pairwise (Hacker's Delight, section 5-1). */
function ones(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555)
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333)
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}
