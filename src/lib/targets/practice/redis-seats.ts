/** The seats of every room in Redis, counted over all nodes by one script, so that a room is never filled beyond its cap. */
import {randomUUID} from 'node:crypto'
import type {Redis} from 'ioredis'
import type {SeatClaim} from './bus.js'
import {NODE_LIFE_MS} from './limits.js'

const SEATS = 'practice:seats:'
const ALIVE = 'practice:alive:'
/** Rooms in one script, so that Redis is never held up for long. */
const CHUNK = 500

/**
 * Each room is a hash from node to the seats that it holds. Seats of a node that gives no sign of life are freed when they
 * are needed, so that nothing leaks when a node dies.
 *
 *   KEYS  this node's sign of life, then the hash of each room
 *   ARGV  cap, this node, its life in ms, prefix of signs of life, then seats held and wanted for each room
 *   →     seats that each room got
 */
const CLAIM = `
local cap, node, alive = tonumber(ARGV[1]), ARGV[2], ARGV[4]
redis.call('SET', KEYS[1], '1', 'PX', ARGV[3])
local function others(key, only_living)
  local total, seats = 0, redis.call('HGETALL', key)
  for i = 1, #seats, 2 do
    local other = seats[i]
    if other ~= node then
      if only_living and redis.call('EXISTS', alive .. other) == 0 then
        redis.call('HDEL', key, other)
      else
        total = total + tonumber(seats[i + 1])
      end
    end
  end
  return total
end
local got = {}
for r = 2, #KEYS do
  local key, held, wanted = KEYS[r], tonumber(ARGV[2 * r + 1]), tonumber(ARGV[2 * r + 2])
  local free = cap - held - others(key, false)
  if wanted > free then free = cap - held - others(key, true) end
  local granted = math.max(0, math.min(wanted, free))
  if held + granted > 0 then
    redis.call('HSET', key, node, string.format('%d', held + granted))
  else
    redis.call('HDEL', key, node)
  end
  got[r - 1] = granted
end
return got
`

type Claiming = Redis & {practiceClaim(keys: number, ...words: (string | number)[]): Promise<number[]>}

export class RedisSeats {
  readonly #node = randomUUID()
  readonly #redis: Claiming

  constructor(redis: Redis) {
    redis.defineCommand('practiceClaim', {lua: CLAIM})
    this.#redis = redis as Claiming
  }

  /** One script for 500 rooms. Rejects when Redis did not answer; whether the seats were taken is open then. */
  async claim(claims: readonly SeatClaim[], cap: number): Promise<readonly number[]> {
    const parts = Array.from({length: Math.ceil(claims.length / CHUNK)}, (_, part) =>
      this.#claimPart(claims.slice(part * CHUNK, (part + 1) * CHUNK), cap),
    )
    return (await Promise.all(parts)).flat()
  }

  /** Keeps the seats of this node counted. */
  async beat(): Promise<void> {
    await this.#redis.set(ALIVE + this.#node, '1', 'PX', NODE_LIFE_MS)
  }

  /** The seats of this node may be taken from now on. */
  async leave(): Promise<void> {
    await this.#redis.del(ALIVE + this.#node)
  }

  #claimPart(claims: readonly SeatClaim[], cap: number): Promise<number[]> {
    return this.#redis.practiceClaim(
      1 + claims.length,
      ALIVE + this.#node,
      ...claims.map(({room}) => SEATS + room),
      cap,
      this.#node,
      NODE_LIFE_MS,
      ALIVE,
      ...claims.flatMap(({held, wanted}) => [held, wanted]),
    )
  }
}
