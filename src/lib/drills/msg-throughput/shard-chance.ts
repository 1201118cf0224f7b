/** How many rooms it takes to tell a bad hash over shards from chance; pure. */

/** A fair hash of so many rooms for each further shard is off by 20 % in one run of two thousand (3.5 σ, binomial). */
const ROOMS_PER_SHARD = 306

export function roomsToWeigh(shards: number): number {
  return ROOMS_PER_SHARD * (shards - 1)
}
