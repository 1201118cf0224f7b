/** Makes the partitions of one shard before they are needed, and lets nobody else do it meanwhile. */
import type {ClientBase} from 'pg'
import type {Clock} from '../../base/clock.js'
import type {Ms, PerSecond} from '../../base/units.js'
import {cutShort, withBook} from './partition-book.js'
import {partitionsToMake, type Stretch} from './partition-plan.js'

const BOOK = `
  select extract(epoch from max(ends)) * 1000 as "lastEnds",
         count(*) filter (where starts > to_timestamp($1::float8 / 1000))::int as ahead
  from message_partitions`

const STORED =
  "select last_value as last, seqincrement as step from message_ids, pg_sequence where seqrelid = 'message_ids'::regclass"

interface Book {
  readonly lastEnds: string | null
  readonly ahead: number
}

/** Nothing may be stored beyond the end of a partition while it is moved there. */
const SOONEST_MS: Ms = 500
/** How much of a new look goes into the rate. */
const FRESH = 0.3

export class PartitionMaker {
  /** Partitions that begin later than now, as last seen by this node. */
  ahead = 0
  /** A defect: no partition reaches beyond this moment, and none is made. */
  runsOutAt: Ms | undefined
  #last: {readonly at: Ms; readonly rows: number} | undefined
  #rate: PerSecond = 0

  constructor(private readonly clock: Clock) {}

  /** Takes a look at how fast rows come, and makes what is missing. */
  async tend(client: ClientBase): Promise<void> {
    await this.#measure(client)
    if (this.runsOutAt === undefined) await this.make(client)
    else await cutShort(client, Math.max(this.runsOutAt, this.clock.date().getTime() + SOONEST_MS))
  }

  /** Makes what is missing now; resolves with false when that was left undone. */
  async make(client: ClientBase): Promise<boolean> {
    if (this.runsOutAt !== undefined) return false
    const now = this.clock.date().getTime()
    const before = await this.#read(client, now)
    if (partitionsToMake({...before, now, rate: this.#rate}).length === 0) return true
    await withBook(client, async () => {
      // Somebody may have made them since: a node that could not store anything for want of them.
      const book = await this.#read(client, now)
      for (const stretch of partitionsToMake({...book, now, rate: this.#rate})) await client.query(creation(stretch))
    })
    await this.#read(client, now)
    return true
  }

  async #read(client: ClientBase, now: Ms): Promise<{lastEnds: Ms | undefined; ahead: number}> {
    const {rows} = await client.query<Book>(BOOK, [now])
    const {lastEnds = null, ahead = 0} = rows[0] ?? {}
    this.ahead = ahead
    return {lastEnds: lastEnds === null ? undefined : Math.round(Number(lastEnds)), ahead}
  }

  async #measure(client: ClientBase): Promise<void> {
    const {rows} = await client.query<{last: string; step: string}>(STORED)
    const [at, stored] = [this.clock.now(), Number(rows[0]?.last) / Number(rows[0]?.step)]
    if (this.#last !== undefined && at > this.#last.at) {
      const seen = (1000 * (stored - this.#last.rows)) / (at - this.#last.at)
      this.#rate += FRESH * (seen - this.#rate)
    }
    this.#last = {at, rows: stored}
  }
}

/** Made apart and then attached: PARTITION OF would lock out every insert, and wait for those under way. */
function creation({starts, ends}: Stretch): string {
  const name = `messages_${starts}`
  const [from, to] = [`to_timestamp(${starts / 1000})`, `to_timestamp(${ends / 1000})`]
  return `
    create table ${name} (like messages including all);
    alter table messages attach partition ${name} for values from (${from}) to (${to});
    insert into message_partitions values ('${name}', ${from}, ${to});`
}
