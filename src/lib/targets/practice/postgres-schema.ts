/** The tables of one shard: messages in partitions by time, the book of the partitions, and the archive. */

/** Which shard this is, counted from 0, and how many there are. */
export interface ShardPlace {
  readonly shard: number
  readonly of: number
}

/**
 * Ids of all shards together are unique, and tell their shard by the remainder. The key that makes an insert safe to repeat holds `at` as well, because
 * a unique index of a partitioned table must hold its partition key; `at` is set when a message comes, and stays with it when it is tried again.
 * `tx` tells the archiver what has been committed since it last looked, whatever order the ids have.
 */
export function schemaOf({shard, of}: ShardPlace): string {
  const first = of + shard
  return `
  create sequence if not exists message_ids minvalue ${first} start with ${first} increment by ${of};
  create table if not exists messages (
    id bigint not null default nextval('message_ids'),
    key bigint not null,
    room text not null,
    sender text not null,
    body text not null,
    at timestamptz not null,
    tx xid8 not null default pg_current_xact_id(),
    unique (key, at)
  ) partition by range (at);
  create index if not exists messages_room_id on messages (room, id);
  create index if not exists messages_tx on messages (tx);
  create sequence if not exists origins;
  create table if not exists message_partitions (
    name text primary key,
    starts timestamptz not null,
    ends timestamptz not null
  );
  create table if not exists archived_messages (
    id bigint not null,
    room text not null,
    sender text not null,
    body text not null,
    at timestamptz not null,
    archived_at timestamptz not null default now(),
    primary key (room, id)
  );
  create table if not exists archive_progress (
    one boolean primary key default true check (one),
    done xid8 not null default '0'
  );
  insert into archive_progress default values on conflict do nothing;`
}

/** Nodes start together; only one may create the tables. */
export const SCHEMA_LOCK = 7_346_521
