/** Messages in Postgres: one multi-row insert for each batch, pages by primary key and room. */
import pg from 'pg'
import {COMMAND_TIMEOUT_MS} from './limits.js'
import type {HistoryPage, MessageStore, NewMessages, StoredMessage} from './store.js'

const SCHEMA = `
  create table if not exists messages (
    id bigint generated always as identity primary key,
    room text not null,
    sender text not null,
    body text not null,
    at timestamptz not null default now()
  );
  create index if not exists messages_room_id on messages (room, id);`

/** Identity values follow the ordinality, so that ids rise in publishing order. */
const SAVE = {
  name: 'save-messages',
  text: `insert into messages (room, sender, body)
    select room, sender, body
    from unnest($1::text[], $2::text[], $3::text[]) with ordinality as new (room, sender, body, place)
    order by place
    returning id`,
}

const HISTORY = {
  name: 'read-history',
  text: `select id, sender, body, at from messages where room = $1 and id > $2 order by id limit $3`,
}

/** Nodes start together; only one may create the tables. */
const SCHEMA_LOCK = 7_346_521

interface HistoryRow {
  id: string
  sender: string
  body: string
  at: Date
}

/** Connects and creates the table where it is missing; rejects when Postgres cannot be used. */
export async function connectPostgresStore(url: string): Promise<MessageStore> {
  const pool = new pg.Pool({
    connectionString: url,
    max: 4,
    application_name: 'proofload-practice',
    connectionTimeoutMillis: COMMAND_TIMEOUT_MS,
    // The server gives up first, so that a timeout of ours almost always means that nothing was stored.
    statement_timeout: COMMAND_TIMEOUT_MS - 1000,
    query_timeout: COMMAND_TIMEOUT_MS,
    keepAlive: true,
  })
  // A lost idle connection shows in the next query and in /health.
  pool.on('error', () => undefined)
  try {
    await createSchema(pool)
  } catch (cause) {
    await pool.end()
    throw new Error(`Postgres cannot be used: ${(cause as Error).message}`, {cause})
  }
  return new PostgresStore(pool)
}

async function createSchema(pool: pg.Pool): Promise<void> {
  await pool.query(`begin; select pg_advisory_xact_lock(${SCHEMA_LOCK}); ${SCHEMA} commit;`)
}

class PostgresStore implements MessageStore {
  constructor(private readonly pool: pg.Pool) {}

  async save({rooms, senders, bodies}: NewMessages): Promise<readonly number[]> {
    const {rows} = await this.pool.query<{id: string}>({...SAVE, values: [rooms, senders, bodies]})
    if (rows.length !== rooms.length) throw new Error(`stored ${rows.length} of ${rooms.length} messages`)
    return rows.map((row) => Number(row.id))
  }

  async history({room, after, limit}: HistoryPage): Promise<readonly StoredMessage[]> {
    const {rows} = await this.pool.query<HistoryRow>({...HISTORY, values: [room, after, limit]})
    return rows.map((row) => ({id: Number(row.id), from: row.sender, body: row.body, at: row.at.toISOString()}))
  }

  async ping(): Promise<void> {
    await this.pool.query('select 1')
  }

  async close(): Promise<void> {
    await this.pool.end()
  }
}
