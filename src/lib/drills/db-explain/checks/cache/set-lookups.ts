/** Whether somebody is a member, asked of a set in Redis. */
import {Histogram} from '../../../../metrics/histogram.js'
import type {RedisClient} from '../../../../protocols/redis/connect.js'
import type {CheckKit} from '../check.js'
import {timesOf, type Times} from '../times.js'

const MEMBERS = 1000
const LOOKUPS = 1000
const WARM_UP = 50
/** The net below our own clean-up. */
const KEPT_SECONDS = 60

export interface SetLookups {
  readonly times: Times
  /** Answers that were wrong: half of those that are asked for are members. */
  readonly wrong: number
}

export async function lookUpMembers(
  {client, prefix}: {readonly client: RedisClient; readonly prefix: string},
  {clock, random, signal}: CheckKit,
): Promise<SetLookups> {
  const key = `${prefix}members`
  const draw = random.fork('members')
  const histogram = new Histogram()
  let wrong = 0
  try {
    await client.sadd(key, ...Array.from({length: MEMBERS}, (_, member) => String(member)))
    await client.expire(key, KEPT_SECONDS)
    for (let lookup = -WARM_UP; lookup < LOOKUPS && !signal.aborted; lookup++) {
      const member = draw.below(2 * MEMBERS)
      const from = clock.now()
      const answer = await client.sismember(key, String(member))
      if (lookup >= 0) histogram.record(clock.now() - from)
      if ((answer === 1) !== member < MEMBERS) wrong++
    }
  } finally {
    await client.del(key).catch(() => undefined)
  }
  return {times: timesOf(histogram), wrong}
}
