/** Messages in Postgres: one multi-row insert for each batch, pages by primary key and room. */
import pg from 'pg'
import {COMMAND_TIMEOUT_MS, LINK_TIMEOUT_MS} from './limits.js'
import {notSaved} from './postgres-trouble.js'
import type {HistoryPage, MessageStore, MissedMessage, MissedPage, NewMessages, StoredMessage} from './store.js'
import {StoreAway} from './store.js'

const SCHEMA = `
  create table if not exists messages (
    id bigint generated always as identity primary key,
    key bigint not null unique,
    room text not null,
    sender text not null,
    body text not null,
    at timestamptz not null default now()
  );
  create index if not exists messages_room_id on messages (room, id);
  create sequence if not exists origins;`

/**
 * Identity values follow the ordinality, so that ids rise in publishing order. A batch that was stored before, though the
 * answer never came, is not stored again: the key is the same.
 */
const SAVE = {
  name: 'save-messages',
  text: `insert into messages (key, room, sender, body)
    select key, room, sender, body
    from unnest($1::bigint[], $2::text[], $3::text[], $4::text[]) with ordinality as new (key, room, sender, body, place)
    order by place
    on conflict (key) do nothing
    returning id`,
}

const SAVED_BEFORE = 'select id from messages where key = any($1::bigint[]) order by key'

const HISTORY = {
  name: 'read-history',
  text: `select id, sender, body, at from messages where room = $1 and id > $2 order by id limit $3`,
}

/** Not prepared: the planner must see how many ids are known. */
const MISSED = `
  select id, messages.room, sender, body
  from messages join unnest($1::text[], $2::bigint[]) as wanted (room, floor) on messages.room = wanted.room and id > floor
  where id > $3 and not exists (select from unnest($4::bigint[]) as heard (known) where known = id)
  order by id limit $5`

const NEWEST = {name: 'newest', text: 'select coalesce(max(id), 0) as id from messages'}

/** Nodes start together; only one may create the tables. */
const SCHEMA_LOCK = 7_346_521
/** Keys are a node's origin times this plus its own number; both fit in 53 bits for two million starts. */
const NUMBERS_PER_ORIGIN = 2 ** 32

interface HistoryRow {
  id: string
  sender: string
  body: string
  at: Date
}

/** Connects and creates the table where it is missing; rejects when Postgres cannot be used. */
export async function connectPostgresStore(url: string): Promise<MessageStore> {
  const reader = poolOf(url, {max: 3, timeoutMs: COMMAND_TIMEOUT_MS})
  const writer = poolOf(url, {max: 1, timeoutMs: LINK_TIMEOUT_MS})
  try {
    await reader.query(`begin; select pg_advisory_xact_lock(${SCHEMA_LOCK}); ${SCHEMA} commit;`)
    const {rows} = await reader.query<{origin: string}>(`select nextval('origins') as origin`)
    return new PostgresStore(reader, writer, Number(rows[0]?.origin))
  } catch (cause) {
    await Promise.all([reader.end(), writer.end()])
    throw new Error(`Postgres cannot be used: ${(cause as Error).message}`, {cause})
  }
}

function poolOf(url: string, {max, timeoutMs}: {max: number; timeoutMs: number}): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max,
    application_name: 'proofload-practice',
    connectionTimeoutMillis: timeoutMs,
    // The server gives up first, so that a timeout of ours almost always means that the link is dead.
    statement_timeout: 0.8 * timeoutMs,
    query_timeout: timeoutMs,
    idleTimeoutMillis: 0,
    keepAlive: true,
  })
  // A lost connection shows in the query that is under way, or in the next one, and in /health.
  pool.on('error', () => undefined)
  pool.on('connect', (client) => client.on('error', () => undefined))
  return pool
}

class PostgresStore implements MessageStore {
  constructor(
    private readonly reader: pg.Pool,
    /** One connection, which no reading of histories can take away. */
    private readonly writer: pg.Pool,
    private readonly origin: number,
  ) {}

  async save(messages: NewMessages): Promise<readonly number[]> {
    const client = await this.writer.connect().catch((cause: unknown) => {
      throw new StoreAway((cause as Error).message, true, cause)
    })
    try {
      const ids = await this.#saveOver(client, messages)
      client.release()
      return ids
    } catch (error) {
      client.release(true)
      throw notSaved(error)
    }
  }

  async history({room, after, limit}: HistoryPage): Promise<readonly StoredMessage[]> {
    const {rows} = await this.reader.query<HistoryRow>({...HISTORY, values: [room, after, limit]})
    return rows.map((row) => ({id: Number(row.id), from: row.sender, body: row.body, at: row.at.toISOString()}))
  }

  async missed({rooms, after, known, limit}: MissedPage): Promise<readonly MissedMessage[]> {
    const values = [rooms.map(({name}) => name), rooms.map(({floor}) => floor), after, known, limit]
    const {rows} = await this.reader.query<HistoryRow & {room: string}>(MISSED, values)
    return rows.map(({id, room, sender, body}) => ({id: Number(id), room, from: sender, body}))
  }

  async newest(): Promise<number> {
    const {rows} = await this.reader.query<{id: string}>(NEWEST)
    return Number(rows[0]?.id)
  }

  async ping(): Promise<void> {
    await this.reader.query('select 1')
  }

  async close(): Promise<void> {
    await Promise.all([this.reader.end(), this.writer.end()])
  }

  async #saveOver(client: pg.PoolClient, {numbers, rooms, senders, bodies}: NewMessages): Promise<readonly number[]> {
    const keys = numbers.map((number) => this.origin * NUMBERS_PER_ORIGIN + number)
    const {rows} = await client.query<{id: string}>({...SAVE, values: [keys, rooms, senders, bodies]})
    const saved = rows.length === keys.length ? rows : (await client.query<{id: string}>(SAVED_BEFORE, [keys])).rows
    if (saved.length !== keys.length) throw new Error(`stored ${saved.length} of ${keys.length} messages`)
    return saved.map(({id}) => Number(id))
  }
}
