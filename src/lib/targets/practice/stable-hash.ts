/** One number for a text, the same in every process and every run: FNV-1a, 32 bits (http://www.isthe.com/chongo/tech/comp/fnv/). */

const [OFFSET, PRIME] = [0x811c9dc5, 0x01000193]

/** A whole number in [0, 2^32). */
export function stableHash(text: string): number {
  let hash = OFFSET
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), PRIME)
  // The last characters of names such as room-1, room-2 … would decide too much: they are mixed into all bits (murmur3's finaliser).
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
