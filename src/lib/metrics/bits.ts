/** A small set of whole numbers, one bit each: who is in a room, who still waits for a message. */
export class Bits {
  readonly #words: Uint32Array

  constructor(size: number | Uint32Array) {
    this.#words = typeof size === 'number' ? new Uint32Array((size + 31) >>> 5) : size
  }

  has(index: number): boolean {
    return ((this.#words[index >>> 5] ?? 0) & (1 << (index & 31))) !== 0
  }

  add(index: number): void {
    this.#words[index >>> 5] = (this.#words[index >>> 5] ?? 0) | (1 << (index & 31))
  }

  remove(index: number): void {
    this.#words[index >>> 5] = (this.#words[index >>> 5] ?? 0) & ~(1 << (index & 31))
  }

  copy(): Bits {
    return new Bits(this.#words.slice())
  }

  get size(): number {
    let size = 0
    for (const word of this.#words) size += ones(word)
    return size
  }

  *[Symbol.iterator](): Iterator<number> {
    for (let index = 0; index < this.#words.length * 32; index++) if (this.has(index)) yield index
  }
}

/** Number of ones in a 32-bit word, by adding neighbours pairwise (Hacker's Delight, section 5-1). */
function ones(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555)
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333)
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}
