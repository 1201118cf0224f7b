/** One shard of the messages in Postgres: one multi-row insert for each batch, pages by id and room. */
import pg from 'pg'
import type {Clock} from '../../base/clock.js'
import {HostClock} from '../../base/clock.js'
import {seededRandom, type Random} from '../../base/random.js'
import {COMMAND_TIMEOUT_MS, LINK_TIMEOUT_MS} from './limits.js'
import type {PartitionMaker} from './partition-maker.js'
import {poolOf} from './postgres-pool.js'
import {SCHEMA_LOCK, schemaOf, type ShardPlace} from './postgres-schema.js'
import {lacksPartition, notSaved} from './postgres-trouble.js'
import type {HistoryPage, MessageStore, MissedMessage, MissedPage, NewMessages, StoredMessage} from './store.js'
import {StoreAway} from './store.js'
import {ShardUpkeep} from './upkeep.js'

/**
 * Ids follow the ordinality, so that they rise in publishing order. A batch that was stored before, though the answer never
 * came, is not stored again: the key is the same.
 */
const SAVE = {
  name: 'save-messages',
  text: `insert into messages (key, room, sender, body, at)
    select key, room, sender, body, to_timestamp(ms / 1000)
    from unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::float8[]) with ordinality as new (key, room, sender, body, ms, place)
    order by place
    on conflict (key, at) do nothing
    returning id`,
}

const SAVED_BEFORE = `
  select id from messages
  where key = any($1::bigint[]) and at between to_timestamp($2::float8 / 1000) and to_timestamp($3::float8 / 1000)
  order by key`

const HISTORY = {
  name: 'read-history',
  text: `select id, sender, body, at from messages where room = $1 and id > $2 order by id limit $3`,
}

const ARCHIVE = {
  name: 'read-archive',
  text: `select id, sender, body, at from archived_messages where room = $1 and id > $2 order by id limit $3`,
}

/** Not prepared: the planner must see how many ids are known. */
const MISSED = `
  select id, messages.room, sender, body
  from messages join unnest($1::text[], $2::bigint[]) as wanted (room, floor) on messages.room = wanted.room and id > floor
  where id > $3 and not exists (select from unnest($4::bigint[]) as heard (known) where known = id)
  order by id limit $5`

/** By transactions, so that no index on the ids alone has to be kept; rather too low than too high, as nothing must be missed for it. */
const NEWEST = {
  name: 'newest',
  text: 'select coalesce(max(id), 0) as id from (select id from messages order by tx desc limit 2000) as latest',
}

/** Keys are a node's origin times this plus its own number; both fit in 53 bits for two million starts. */
const NUMBERS_PER_ORIGIN = 2 ** 32

interface HistoryRow {
  id: string
  sender: string
  body: string
  at: Date
}

export interface StoreParts {
  readonly place: ShardPlace
  readonly clock: Clock
  readonly random: Random
}

/** The only shard of one node, for a look at it. */
const ALONE: StoreParts = {place: {shard: 0, of: 1}, clock: new HostClock(), random: seededRandom('store')}

/** Connects and creates the tables where they are missing; rejects when Postgres cannot be used. */
export async function connectPostgresStore(url: string, parts: StoreParts = ALONE): Promise<MessageStore> {
  const reader = poolOf(url, {max: 3, timeoutMs: COMMAND_TIMEOUT_MS})
  const writer = poolOf(url, {max: 1, timeoutMs: LINK_TIMEOUT_MS})
  const upkeep = new ShardUpkeep({...parts, url})
  try {
    const origin = await furnish(reader, parts.place, upkeep.maker)
    upkeep.begin()
    return new PostgresStore({reader, writer, upkeep, origin})
  } catch (cause) {
    await Promise.all([reader.end(), writer.end()])
    throw new Error(`Postgres cannot be used: ${(cause as Error).message}`, {cause})
  }
}

/** Resolves with a number that no other start of a node has. */
async function furnish(pool: pg.Pool, place: ShardPlace, maker: PartitionMaker): Promise<number> {
  const client = await pool.connect()
  try {
    await client.query(`begin; select pg_advisory_xact_lock(${SCHEMA_LOCK}); ${schemaOf(place)} commit;`)
    await maker.make(client)
    const {rows} = await client.query<{origin: string}>(`select nextval('origins') as origin`)
    client.release()
    return Number(rows[0]?.origin)
  } catch (error) {
    client.release(true)
    throw error
  }
}

interface PostgresParts {
  readonly reader: pg.Pool
  /** One connection, which no reading of histories can take away. */
  readonly writer: pg.Pool
  readonly upkeep: ShardUpkeep
  readonly origin: number
}

class PostgresStore implements MessageStore {
  constructor(private readonly parts: PostgresParts) {}

  get upkeep(): ShardUpkeep {
    return this.parts.upkeep
  }

  async save(messages: NewMessages): Promise<readonly number[]> {
    const client = await this.parts.writer.connect().catch((cause: unknown) => {
      throw new StoreAway((cause as Error).message, true, cause)
    })
    try {
      const ids = await this.#saveOver(client, messages)
      client.release()
      return ids
    } catch (error) {
      const made = lacksPartition(error) && (await this.upkeep.maker.make(client).catch(() => false))
      client.release(true)
      throw made ? new StoreAway((error as Error).message, true, error) : notSaved(error)
    }
  }

  history(page: HistoryPage): Promise<readonly StoredMessage[]> {
    return this.#page(HISTORY, page)
  }

  archive(page: HistoryPage): Promise<readonly StoredMessage[]> {
    return this.#page(ARCHIVE, page)
  }

  async #page(query: pg.QueryConfig, {room, after, limit}: HistoryPage): Promise<readonly StoredMessage[]> {
    const {rows} = await this.parts.reader.query<HistoryRow>({...query, values: [room, after, limit]})
    return rows.map((row) => ({id: Number(row.id), from: row.sender, body: row.body, at: row.at.toISOString()}))
  }

  async missed({rooms, after, known, limit}: MissedPage): Promise<readonly MissedMessage[]> {
    const values = [rooms.map(({name}) => name), rooms.map(({floor}) => floor), after, known, limit]
    const {rows} = await this.parts.reader.query<HistoryRow & {room: string}>(MISSED, values)
    return rows.map(({id, room, sender, body}) => ({id: Number(id), room, from: sender, body}))
  }

  async newest(): Promise<number> {
    const {rows} = await this.parts.reader.query<{id: string}>(NEWEST)
    return Number(rows[0]?.id)
  }

  async ping(): Promise<void> {
    await this.parts.reader.query('select 1')
  }

  async close(): Promise<void> {
    const {reader, writer, upkeep} = this.parts
    await Promise.all([reader.end(), writer.end(), upkeep.close()])
  }

  async #saveOver(client: pg.PoolClient, messages: NewMessages): Promise<readonly number[]> {
    const {numbers, rooms, senders, bodies, times} = messages
    const keys = numbers.map((number) => this.parts.origin * NUMBERS_PER_ORIGIN + number)
    const {rows} = await client.query<{id: string}>({...SAVE, values: [keys, rooms, senders, bodies, times]})
    const saved = rows.length === keys.length ? rows : await savedBefore(client, keys, times)
    if (saved.length !== keys.length) throw new Error(`stored ${saved.length} of ${keys.length} messages`)
    return saved.map(({id}) => Number(id))
  }
}

async function savedBefore(client: pg.PoolClient, keys: readonly number[], times: readonly number[]) {
  const values = [keys, Math.min(...times), Math.max(...times)]
  return (await client.query<{id: string}>(SAVED_BEFORE, values)).rows
}
