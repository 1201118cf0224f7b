/** The table of a run in each shard: its name, its mark, and the statements that fill and read it. */
import {escapeIdentifier, escapeLiteral} from 'pg'
import type {Ms} from '../../base/units.js'

export function tableOf(run: string): string {
  return `proofload_${run}_messages`
}

/** The comment by which a table is known as ours. */
export function markOf(run: string): string {
  return `made by proofload for its run ${run}; it removes it at its end`
}

export interface TableOrder {
  readonly schema: string
  readonly run: string
  readonly partitioned: boolean
}

/**
 * The primary key serves what a history is read by: a room, in the order of insertion. Where there are partitions it must hold what
 * they are cut by (https://www.postgresql.org/docs/17/ddl-partitioning.html#DDL-PARTITIONING-DECLARATIVE-LIMITATIONS).
 */
export function createSql({schema, run, partitioned}: TableOrder): string {
  const name = nameIn(schema, tableOf(run))
  return `
    CREATE TABLE ${name} (
      id bigint GENERATED ALWAYS AS IDENTITY,
      room integer NOT NULL,
      voice integer NOT NULL,
      body text NOT NULL,
      created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
      PRIMARY KEY (room, id${partitioned ? ', created_at' : ''})
    )${partitioned ? ' PARTITION BY RANGE (created_at)' : ''};
    COMMENT ON TABLE ${name} IS ${escapeLiteral(markOf(run))};`
}

/** The arrays are read out in their order (https://www.postgresql.org/docs/17/functions-array.html), so that ids rise as messages were published. */
export function insertSql(run: string): string {
  return `INSERT INTO ${tableOf(run)} (room, voice, body) SELECT * FROM unnest($1::integer[], $2::integer[], $3::text[])`
}

/** Room after room, each in the order of insertion, going on behind ($1, $2) up to room $3. */
export function pageSql(run: string): string {
  return `SELECT room, id, body FROM ${tableOf(run)} WHERE (room, id) > ($1, $2) AND room < $3 ORDER BY room, id LIMIT $4`
}

export interface PartitionOrder {
  readonly schema: string
  readonly run: string
  readonly name: string
  /** By the server's clock, since 1970; whole milliseconds, so that no rounding leaves a gap. */
  readonly fromMs: Ms
  readonly toMs: Ms
}

/**
 * Made apart and then attached: that lets inserts go on, where CREATE TABLE … PARTITION OF would lock them out
 * (https://www.postgresql.org/docs/17/ddl-partitioning.html#DDL-PARTITIONING-DECLARATIVE-MAINTENANCE).
 */
export function partitionSql(order: PartitionOrder): string {
  const name = nameIn(order.schema, order.name)
  return `
    CREATE TABLE ${name} (LIKE ${nameIn(order.schema, tableOf(order.run))} INCLUDING DEFAULTS);
    COMMENT ON TABLE ${name} IS ${escapeLiteral(markOf(order.run))};
    ${attachSql(order)}`
}

export function attachSql({schema, run, name, fromMs, toMs}: PartitionOrder): string {
  const [from, to] = [fromMs, toMs].map((ms) => `to_timestamp(${ms / 1000})`)
  return `
    ALTER TABLE ${nameIn(schema, tableOf(run))} ATTACH PARTITION ${nameIn(schema, name)} FOR VALUES FROM (${from}) TO (${to});`
}

export function nameIn(schema: string, name: string): string {
  return `${escapeIdentifier(schema)}.${escapeIdentifier(name)}`
}
