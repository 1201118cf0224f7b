/** Which messages were accepted, one bit each, so that an archive can be held against them. */

export class Accepted {
  /** By voice. */
  readonly #bits = new Map<number, Uint8Array>()

  constructor(private readonly wanted: boolean) {}

  add(voice: number, sequence: number): void {
    if (!this.wanted) return
    const bits = this.#grown(voice, sequence >>> 3)
    bits[sequence >>> 3] = (bits[sequence >>> 3] ?? 0) | (1 << (sequence & 7))
  }

  /** Plain data: each voice with its bits in base64. */
  entries(): [voice: number, bits: string][] {
    return [...this.#bits].map(([voice, bits]) => [voice, Buffer.from(bits).toString('base64')])
  }

  /** With room for the byte `at`; doubled when it is full. */
  #grown(voice: number, at: number): Uint8Array {
    const known = this.#bits.get(voice)
    if (known && at < known.length) return known
    const grown = new Uint8Array(Math.max(64, 2 ** Math.ceil(Math.log2(at + 1))))
    if (known) grown.set(known)
    this.#bits.set(voice, grown)
    return grown
  }
}

/** The sequences of `Accepted.entries`, voice by voice. */
export function* sequencesIn(bits: string): Iterable<number> {
  const bytes = Buffer.from(bits, 'base64')
  for (let sequence = 0; sequence < bytes.length * 8; sequence++)
    if (((bytes[sequence >>> 3] ?? 0) & (1 << (sequence & 7))) !== 0) yield sequence
}
