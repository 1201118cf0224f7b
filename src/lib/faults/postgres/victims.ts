/** The sessions of the database that a fault is meant for, and ending or cancelling them. */
import {UsageError} from '../../base/errors.js'
import type {Ms} from '../../base/units.js'
import type {PlannedFault} from '../fault.js'
import type {PgControl} from './control.js'
import {codeOf, refusal} from './refusal.js'

/** About as long as a login takes. */
const LOGIN: Ms = 200

export interface Who {
  readonly application: string | null
  readonly user: string | null
  /** An address or a network: `10.0.0.7`, `10.0.0.0/8`. */
  readonly address: string | null
}

export interface Victim {
  readonly pid: number
  /** Whether we may end it: pg_signal_backend's rule (src/backend/storage/ipc/signalfuncs.c). */
  readonly ours: boolean
}

/**
 * Of the database of our URL, without those that carry our mark. Whoever may not read the statistics of others sees neither their
 * address nor what kind of process they are; such a process counts as a client.
 */
const VICTIMS = `
  FROM (SELECT pid, backend_start,
               me.rolsuper OR NOT them.rolsuper
                 AND (pg_has_role(usesysid, 'USAGE') OR pg_has_role('pg_signal_backend', 'USAGE')) AS ours
          FROM pg_stat_activity
          JOIN pg_roles them ON them.oid = usesysid
          JOIN pg_roles me ON me.rolname = current_user
         WHERE datname = $5 AND pid <> pg_backend_pid()
           AND coalesce(backend_type, 'client backend') = 'client backend'
           AND left(application_name, length($1)) <> $1
           AND ($2::text IS NULL OR application_name = $2)
           AND ($3::text IS NULL OR usename = $3)
           AND ($4::inet IS NULL OR client_addr <<= $4::inet)) AS victim`

export function whoOf({parameters}: PlannedFault): Who {
  const text = (name: string) => (parameters[name] === undefined ? null : String(parameters[name]))
  return {application: text('application'), user: text('user'), address: text('address')}
}

const EVERYBODY: Who = {application: null, user: null, address: null}

function filters(control: PgControl, {application, user, address}: Who, database = control.identity.database) {
  return [control.mark, application, user, address, database]
}

export async function listVictims(control: PgControl, who: Who): Promise<readonly Victim[]> {
  return control.ask<Victim>(`SELECT pid, ours ${VICTIMS}`, filters(control, who))
}

/** Refuses what cannot be done: an address that is none, one that we may not see, sessions of which none may be touched. */
export async function provePower(control: PgControl, who: Who, what: string): Promise<readonly Victim[]> {
  const {user, superuser} = control.identity
  if (who.address !== null && !superuser && !(await seesAll(control))) {
    throw refusal(user, 'see the addresses of others', `pg_read_all_stats: GRANT pg_read_all_stats TO "${user}"`)
  }
  const victims = await listVictims(control, who).catch((error: unknown) => {
    if (codeOf(error) !== '22P02') throw error
    throw new UsageError(`'${String(who.address)}' is no address`, {
      hint: 'such as address=10.0.0.7 or address=10.0.0.0/8',
    })
  })
  if (victims.length > 0 && !victims.some(({ours}) => ours)) {
    throw refusal(user, `${what} the ${victims.length} sessions of others`, NEED)
  }
  return victims
}

const NEED = 'the role of these sessions, or pg_signal_backend, and superuser for those of a superuser'

async function seesAll(control: PgControl): Promise<boolean> {
  const [row] = await control.ask<{sees: boolean}>("SELECT pg_has_role('pg_read_all_stats', 'USAGE') AS sees")
  return row?.sees === true
}

/** `12 sessions`, `12 sessions, and 2 that it may not touch`. */
export function victimWords(victims: readonly Victim[]): string {
  const ours = victims.filter((victim) => victim.ours).length
  const words = `${ours} session${ours === 1 ? '' : 's'}`
  return ours === victims.length ? words : `${words}, and ${victims.length - ours} that it may not touch`
}

/** Ends those whom `who` names; answers how many were told to. */
export async function terminate(control: PgControl, who: Who): Promise<number> {
  const sql = `SELECT pg_terminate_backend(pid) AS done ${VICTIMS} WHERE ours`
  return count(await control.ask<Done>(sql, filters(control, who)))
}

/** Ends (`terminate`) or stops the statements of (`cancel`) the given sessions, as far as they still fit. */
export async function signal(
  control: PgControl,
  kind: 'terminate' | 'cancel',
  who: Who,
  pids: readonly number[],
): Promise<number> {
  const sql = `SELECT pg_${kind}_backend(pid) AS done ${VICTIMS} WHERE ours AND pid = ANY($6::int[])`
  return count(await control.ask<Done>(sql, [...filters(control, who), pids]))
}

/**
 * Ends the sessions of a database that began from `since` (ISO 8601, or -infinity) until now, on the server's clock; looks twice, as one
 * that logs in just now is not seen yet and has read the settings already.
 */
export async function sweep(control: PgControl, database: string, since: string): Promise<number> {
  const [until] = await control.ask<{now: string}>('SELECT clock_timestamp()::text AS now')
  const sql = `SELECT pg_terminate_backend(pid) AS done ${VICTIMS}
     WHERE ours AND backend_start BETWEEN $6::timestamptz AND $7::timestamptz`
  const values = [...filters(control, EVERYBODY, database), since, until?.now]
  const seen = count(await control.ask<Done>(sql, values))
  await control.clock.sleep(LOGIN)
  return seen + count(await control.ask<Done>(sql, values))
}

interface Done {
  readonly done: boolean
}

const count = (rows: readonly Done[]) => rows.filter(({done}) => done).length
