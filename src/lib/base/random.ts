/** Seeded random numbers: the same seed makes the same choices, whatever runs beside it. */
import type {Ms} from './units.js'

export interface Random {
  /** A float in [0, 1). */
  next(): number
  /** A whole number in [0, below). */
  below(below: number): number
  /** An independent stream for a named purpose; the same label yields the same stream. */
  fork(label: string): Random
}

/** A stream of random numbers that follows from `seed` alone; drawing from it does not change what its forks yield. */
export function seededRandom(seed: string): Random {
  const draw = sfc32(cyrb128(seed))
  // 53 bits, as many as a double holds: 27 of one draw and 26 of the next.
  const next = () => ((draw() >>> 5) * 2 ** 26 + (draw() >>> 6)) / 2 ** 53
  return {
    next,
    below(below) {
      if (!(below >= 1)) throw new RangeError(`there is no whole number in [0, ${below})`)
      return Math.floor(next() * below)
    },
    fork: (label) => seededRandom(`${seed}\u0000${label}`),
  }
}

/** A seed that nobody has used yet, short enough to be read out: `k7f3-9qxm`. */
export function freshSeed(): string {
  // Crockford's base 32: no i, l, o and u, which are misread (https://www.crockford.com/base32.html).
  const alphabet = '0123456789abcdefghjkmnpqrstvwxyz'
  const letters = Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => alphabet[byte % 32] ?? '')
  return `${letters.slice(0, 4).join('')}-${letters.slice(4).join('')}`
}

/** The same items in random order, as a new array (Fisher-Yates). */
export function shuffle<Item>(items: readonly Item[], random: Random): Item[] {
  const shuffled = [...items]
  for (let last = shuffled.length - 1; last > 0; last--) {
    const chosen = random.below(last + 1)
    ;[shuffled[last], shuffled[chosen]] = [shuffled[chosen] as Item, shuffled[last] as Item]
  }
  return shuffled
}

/** A waiting time of a Poisson process, in the unit of `mean`: the inverse of 1 − e^(−x/mean). */
export function exponential(mean: number, random: Random): number {
  return -mean * Math.log(1 - random.next())
}

export interface Backoff {
  /** 0 for the first retry. */
  readonly attempt: number
  readonly baseMs: Ms
  readonly capMs: Ms
}

/**
 * How long to wait before a retry: anywhere in [0, min(cap, base · 2^attempt)).
 * Source: "Full Jitter" in AWS Architecture Blog, "Exponential Backoff And Jitter", 2015.
 */
export function fullJitter({attempt, baseMs, capMs}: Backoff, random: Random): Ms {
  // 2^1000 is still a number; past 2^1023 it is Infinity, and 0 · Infinity is none.
  return random.next() * Math.min(capMs, baseMs * 2 ** Math.min(attempt, 1000))
}

type State = [number, number, number, number]

/**
 * 128 bits of hash, so that similar seeds start far apart.
 * Source: cyrb128 by bryc, public domain (https://github.com/bryc/code/blob/master/jshash/PRNGs.md).
 */
function cyrb128(text: string): State {
  let [h1, h2, h3, h4] = [1779033703, 3144134277, 1013904242, 2773480762]
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    h1 = h2 ^ Math.imul(h1 ^ unit, 597399067)
    h2 = h3 ^ Math.imul(h2 ^ unit, 2869860233)
    h3 = h4 ^ Math.imul(h3 ^ unit, 951274213)
    h4 = h1 ^ Math.imul(h4 ^ unit, 2716044179)
  }
  h1 = Math.imul(h3 ^ (h1 >>> 18), 597399067)
  h2 = Math.imul(h4 ^ (h2 >>> 22), 2869860233)
  h3 = Math.imul(h1 ^ (h3 >>> 17), 951274213)
  h4 = Math.imul(h2 ^ (h4 >>> 19), 2716044179)
  h1 ^= h2 ^ h3 ^ h4
  return [h1, h2 ^ h1, h3 ^ h1, h4 ^ h1]
}

/**
 * Draws of 32 bits, signed. Fast, 128 bits of state, passes PractRand and BigCrush.
 * Source: sfc32 by Chris Doty-Humphrey (https://pracrand.sourceforge.net/RNG_engines.txt).
 */
function sfc32([a, b, c, d]: State): () => number {
  return () => {
    const drawn = (((a + b) | 0) + d) | 0
    d = (d + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (c << 21) | (c >>> 11)
    c = (c + drawn) | 0
    return drawn
  }
}
