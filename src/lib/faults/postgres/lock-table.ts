/** `pg.lock-table`: locks a table against everybody, readers too, by a transaction that stays open; the server ends it when we are gone. */
import {TargetError, UsageError} from '../../base/errors.js'
import type {Ms} from '../../base/units.js'
import type {FaultPreview, PlannedFault} from '../fault.js'
import type {Injector, InjectorKit, MakeInjector} from '../injector.js'
import {borrowControl, returnControl, type PgControl} from './control.js'
import {codeOf, refusal} from './refusal.js'
import type {PgSession} from './session.js'
import {listVictims} from './victims.js'

/** While we wait for the lock, everybody behind us waits too. */
const LOCK_WITHIN: Ms = 2000
/** Left to our own ROLLBACK before the server ends the transaction by itself. */
const GRACE: Ms = 500

interface Table {
  readonly oid: number
  /** With its schema, quoted: `public."Messages"`. */
  readonly name: string
  readonly may: boolean
}

const FIND = `
  SELECT c.oid::int8::text AS oid, format('%I.%I', n.nspname, c.relname) AS name,
         has_table_privilege(c.oid, 'UPDATE') OR has_table_privilege(c.oid, 'DELETE')
           OR has_table_privilege(c.oid, 'TRUNCATE') OR pg_has_role(c.relowner, 'USAGE') AS may
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE c.oid = to_regclass($1) AND c.relkind IN ('r', 'p')`

class PgLockTable implements Injector {
  readonly #asked: string
  #control: PgControl | undefined
  #holder: PgSession | undefined
  #table: Table | undefined
  #locked = false
  #waiting = 0

  constructor(
    private readonly fault: PlannedFault,
    private readonly kit: InjectorKit,
  ) {
    this.#asked = String(fault.parameters['table'] ?? '')
  }

  async prepare(): Promise<FaultPreview> {
    const control = (this.#control = await borrowControl(this.kit))
    this.#table = await find(control, this.#asked)
    if (!this.#table.may) {
      throw refusal(
        control.identity.user,
        `lock ${this.#table.name}`,
        'UPDATE, DELETE or TRUNCATE on it, or to be its owner',
      )
    }
    this.#holder = await control.another()
    const others = await listVictims(control, {application: null, user: null, address: null})
    return {
      server: control.server,
      hits: `table ${this.#table.name}, for the ${others.length} sessions of the database`,
    }
  }

  async inject(): Promise<void> {
    const [control, table] = [this.#control, this.#table]
    if (control === undefined || table === undefined) throw new Error('pg.lock-table was not prepared')
    const holder = (this.#holder = this.#holder?.isOpen === true ? this.#holder : await control.another())
    // First: from here on there is something to roll back, whatever the answer is.
    this.#locked = true
    try {
      await holder.run(
        `BEGIN; SET LOCAL lock_timeout = ${LOCK_WITHIN}; SET LOCAL idle_in_transaction_session_timeout = ` +
          `${Math.ceil(this.fault.forMs + GRACE)}; LOCK TABLE ${table.name} IN ACCESS EXCLUSIVE MODE`,
      )
    } catch (cause) {
      await this.revert()
      if (codeOf(cause) !== '55P03') throw cause
      throw new TargetError(`the lock on ${table.name} was not to be had within ${LOCK_WITHIN / 1000} s`, {
        cause,
        hint: 'a transaction that takes longer holds it: see pg_locks',
      })
    }
  }

  /** A session that the server has ended holds nothing any more. */
  async revert(): Promise<void> {
    if (!this.#locked || this.#holder === undefined) return
    this.#waiting = await this.#countWaiting(this.#holder).catch(() => this.#waiting)
    await this.#holder.run('ROLLBACK').catch(() => this.#holder?.cut())
    this.#locked = false
  }

  evidence(): Readonly<Record<string, number | string>> {
    return {table: this.#table?.name ?? this.#asked, waitingAtEnd: this.#waiting}
  }

  async close(): Promise<void> {
    await this.revert()
    await this.#holder?.end()
    if (this.#control !== undefined) await returnControl(this.kit.ground)
    this.#control = this.#holder = undefined
  }

  async #countWaiting(holder: PgSession): Promise<number> {
    if (!holder.isOpen) return this.#waiting
    const sql = 'SELECT count(*)::int AS waiting FROM pg_locks WHERE NOT granted AND relation = $1::oid'
    const [row] = await holder.ask<{waiting: number}>(sql, [this.#table?.oid])
    return row?.waiting ?? 0
  }
}

/** Throws a UsageError for what is no table of the database; what was typed never becomes part of a statement. */
async function find(control: PgControl, asked: string): Promise<Table> {
  const rows = await control.ask<Table>(FIND, [asked]).catch((error: unknown) => {
    // A syntax error in the name, or more parts than a name can have.
    if (/^(42|0A)/.test(codeOf(error) ?? '')) return []
    throw error
  })
  const [table] = rows
  if (table !== undefined) return table
  throw new UsageError(`there is no table '${asked}' in the database ${control.identity.database}`, {
    hint: 'name it as SQL would: table=messages, table=chat.messages, table="Messages"',
  })
}

export const pgLockTable: MakeInjector = (fault, kit) => new PgLockTable(fault, kit)
