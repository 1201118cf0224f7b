/** What the sticky faults read and change of a database, and who may: its owner. */
import {escapeIdentifier} from 'pg'
import type {PgControl} from './control.js'
import {refusal} from './refusal.js'

export interface Database {
  readonly owned: boolean
  /** −1: none. */
  readonly limit: number
  /** What the database sets for all roles; null: nothing. */
  readonly readOnly: string | null
  /** The server's clock, as ISO 8601. */
  readonly now: string
}

const READ = `
  SELECT pg_has_role(datdba, 'USAGE') AS owned, datconnlimit AS limit,
         (SELECT split_part(setting, '=', 2) FROM pg_db_role_setting, unnest(setconfig) setting
           WHERE setdatabase = d.oid AND setrole = 0 AND setting LIKE 'default_transaction_read_only=%') AS "readOnly",
         to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS now
    FROM pg_database d WHERE datname = $1`

export async function readDatabase(control: PgControl, name: string): Promise<Database> {
  const [database] = await control.ask<Database>(READ, [name])
  if (database === undefined) throw new Error(`there is no database ${name} any more`)
  return database
}

/** `change` follows `ALTER DATABASE name`; it is ours, never typed by anybody. */
export async function alterDatabase(control: PgControl, name: string, change: string): Promise<void> {
  await control.ask(`ALTER DATABASE ${escapeIdentifier(name)} ${change}`)
}

export async function proveOwner(control: PgControl, what: string): Promise<Database> {
  const {database, user} = control.identity
  const found = await readDatabase(control, database)
  if (!found.owned) throw refusal(user, `${what} of the database ${database}`, 'to be its owner')
  return found
}
