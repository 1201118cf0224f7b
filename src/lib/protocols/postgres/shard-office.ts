/** What is asked and changed of one shard by the process that leads the run: who it is, and the table of the run. */
import {DatabaseError, escapeIdentifier} from 'pg'
import {TargetError, UsageError} from '../../base/errors.js'
import type {Ms} from '../../base/units.js'
import {connect, doorOf, type Door, type DoorOrder} from './connect.js'
import type {Session} from './session.js'
import {createSql, markOf, nameIn, tableOf} from './table.js'
import {reasonOf, unusable} from './trouble.js'

/** From 12 on bounds of partitions are expressions, and attaching one lets inserts go on; 12 is out of support. */
const OLDEST = 130_000
/** Counting takes longer than a command of the load may. */
const PATIENCE: Ms = 60_000
const DROP_TRIES = 3

interface Who {
  readonly version: string
  readonly number: number
  readonly user: string
  readonly standby: boolean
  readonly readOnly: boolean
}

interface Schema {
  readonly name: string
  readonly may: boolean
}

interface Found {
  readonly schema: string
  readonly name: string
  readonly mark: string | null
}

const WHO = `
  SELECT split_part(current_setting('server_version'), ' ', 1) AS version,
         current_setting('server_version_num')::int AS number, current_user AS "user",
         pg_is_in_recovery() AS standby, current_setting('transaction_read_only') = 'on' AS "readOnly"`

/** In the order in which they are searched. */
const SCHEMAS = `
  SELECT name::text, has_schema_privilege(name::text, 'CREATE') AS may
    FROM unnest(current_schemas(false)) WITH ORDINALITY AS path (name, place) ORDER BY place`

/** Tables and partitioned tables; partitions go with theirs, but for those that somebody detached. */
const FIND = `
  SELECT nspname AS schema, relname AS name, obj_description(c.oid, 'pg_class') AS mark
    FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
   WHERE starts_with(relname::text, $1) AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY relname`

export class ShardOffice {
  readonly place: string
  readonly #run: string
  readonly #quick: Door
  readonly #patient: Door
  #session: Session | undefined
  #schema = 'public'
  #made = false

  constructor(url: string, {run, ...order}: DoorOrder & {readonly run: string}) {
    this.#quick = doorOf(url, order)
    this.#patient = doorOf(url, {...order, timeoutMs: Math.max(order.timeoutMs, PATIENCE)})
    this.place = this.#quick.place
    this.#run = run
  }

  /** Known after `choose`. */
  get schema(): string {
    return this.#schema
  }

  /** The version. Rejects with a TargetError when it does not answer, or is none that can be used. */
  async greet(): Promise<string> {
    const [who] = await this.ask<Who>(WHO).catch((error: unknown) => {
      throw unusable(this.place, error)
    })
    if (who === undefined) throw this.#useless('does not say who it is', 'check that it is a PostgreSQL')
    this.#prove(who)
    await this.#choose(who.user)
    return who.version
  }

  /** The tables that the run's name would hit. */
  async find(): Promise<readonly Found[]> {
    return this.ask<Found>(FIND, [tableOf(this.#run)])
  }

  isOurs({mark}: Found): boolean {
    return mark === markOf(this.#run)
  }

  /** Throws a UsageError when there is such a table already. */
  async create(partitioned: boolean): Promise<void> {
    const [there] = await this.find()
    if (there !== undefined) {
      throw new UsageError(
        `there is a table ${there.schema}.${there.name} in ${this.place} already, and it is not ours`,
        {
          hint: 'start again, which chooses another name; or see whose it is',
        },
      )
    }
    // First: from here on it may have been made, whatever the answer is.
    this.#made = true
    await this.run(createSql({schema: this.#schema, run: this.#run, partitioned})).catch((error: unknown) => {
      throw unusable(this.place, error)
    })
  }

  async count(): Promise<number> {
    return this.atLength(async (session) => {
      const name = nameIn(this.#schema, tableOf(this.#run))
      const [row] = await session.ask<{rows: number}>(`SELECT count(*)::float8 AS rows FROM ${name}`)
      return row?.rows ?? 0
    })
  }

  /** Over a session that may take its time. Rejects with a TargetError. */
  async atLength<Answer>(work: (session: Session) => Promise<Answer>): Promise<Answer> {
    let session: Session | undefined
    try {
      session = await connect(this.#patient)
      return await work(session)
    } catch (error) {
      throw unusable(this.place, error)
    } finally {
      await session?.end()
    }
  }

  /** Drops what `create` made, and what was attached to it; answers a line for each thing that is left. Never rejects. */
  async remove(): Promise<readonly string[]> {
    if (!this.#made) return []
    let why: unknown
    for (let attempt = 0; attempt < DROP_TRIES; attempt++) {
      try {
        await this.#drop()
        return []
      } catch (error) {
        why = error
      }
    }
    const name = nameIn(this.#schema, tableOf(this.#run))
    return [`the table ${name} in the Postgres ${this.place} (${reasonOf(why)}): DROP TABLE ${name};`]
  }

  /** Over the session that is open, or over a new one. */
  async ask<Row extends object>(sql: string, values: readonly unknown[] = []): Promise<readonly Row[]> {
    return (await this.#open()).ask<Row>(sql, values)
  }

  async run(sql: string): Promise<void> {
    await (await this.#open()).run(sql)
  }

  /** Never rejects. */
  async close(): Promise<void> {
    await this.#session?.end()
  }

  #prove({version, number, standby, readOnly}: Who): void {
    if (number < OLDEST) throw this.#useless(`is PostgreSQL ${version}`, 'use PostgreSQL 13 or later')
    if (standby) throw this.#useless('is a standby, which takes no rows', 'name its primary')
    if (!readOnly) return
    throw this.#useless('is read-only for us', 'set default_transaction_read_only to off for the role or the database')
  }

  async #open(): Promise<Session> {
    if (this.#session?.isOpen !== true) this.#session = await connect(this.#quick)
    return this.#session
  }

  /** The first schema of the search path in which we may create. */
  async #choose(user: string): Promise<void> {
    const schemas = await this.ask<Schema>(SCHEMAS)
    const chosen = schemas.find(({may}) => may)
    if (chosen !== undefined) {
      this.#schema = chosen.name
      return
    }
    const [first] = schemas
    if (first === undefined) {
      throw this.#useless(
        'has no schema in our search_path',
        `CREATE SCHEMA proofload AUTHORIZATION ${escapeIdentifier(user)}; and add it to the search_path`,
      )
    }
    const grant = `GRANT USAGE, CREATE ON SCHEMA ${escapeIdentifier(first.name)} TO ${escapeIdentifier(user)};`
    throw this.#useless(`does not let ${user} create a table`, grant)
  }

  async #drop(): Promise<void> {
    for (const found of (await this.find()).filter((table) => this.isOurs(table))) {
      const name = nameIn(found.schema, found.name)
      await this.run(`SET LOCAL lock_timeout = '3s'; DROP TABLE ${name}`).catch((error: unknown) => {
        // Somebody was faster: undefined table.
        if (!(error instanceof DatabaseError && error.code === '42P01')) throw error
      })
    }
  }

  #useless(what: string, hint: string): TargetError {
    return new TargetError(`the Postgres ${this.place} ${what}`, {hint})
  }
}
