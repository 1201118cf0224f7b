/** `pg.read-only`: makes new sessions of the database read-only and ends the old ones; sets back what was, and ends those that began meanwhile. */
import {escapeLiteral} from 'pg'
import {z} from 'zod'
import {UsageError} from '../../base/errors.js'
import type {FaultPreview} from '../fault.js'
import type {Injector, InjectorKit, MakeInjector} from '../injector.js'
import {borrowControl, returnControl, type PgControl} from './control.js'
import {alterDatabase, proveOwner, readDatabase} from './database.js'
import {LATER, recovering} from './undo.js'
import {provePower, sweep, victimWords} from './victims.js'

const EVERYBODY = {application: null, user: null, address: null}

/** `since`: the server's clock before the change; `had`: null where the database set nothing. */
const UndoRecord = z.object({database: z.string(), had: z.string().nullable(), since: z.string()})
type UndoRecord = z.infer<typeof UndoRecord>

class PgReadOnly implements Injector {
  #control: PgControl | undefined
  #record: UndoRecord | undefined
  #changed = false
  #terminated = 0

  constructor(private readonly kit: InjectorKit) {}

  async prepare(): Promise<FaultPreview> {
    const control = (this.#control = await borrowControl(this.kit))
    const {database, standby} = control.identity
    if (standby) throw new UsageError(`${control.place} is a standby and read-only already`, {hint: 'name its primary'})
    const {readOnly} = await proveOwner(control, 'change the settings')
    if (readOnly === 'on') {
      throw new UsageError(`the database ${database} is read-only already`, {
        hint: "if a killed run has left it so, 'proofload fault recover' puts it back",
      })
    }
    return {server: control.server, hits: victimWords(await provePower(control, EVERYBODY, 'terminate'))}
  }

  async undoing(): Promise<Readonly<Record<string, unknown>>> {
    const {database} = this.#ready.identity
    const {readOnly, now} = await readDatabase(this.#ready, database)
    this.#record = {database, had: readOnly, since: now}
    return this.#record
  }

  async inject(): Promise<void> {
    const control = this.#ready
    if (this.#record === undefined) await this.undoing()
    // First: from here on it may have been done, whatever the answer is.
    this.#changed = true
    await alterDatabase(control, control.identity.database, 'SET default_transaction_read_only = on')
    this.#terminated = await sweep(control, control.identity.database, '-infinity')
  }

  async revert(): Promise<void> {
    if (!this.#changed || this.#record === undefined) return
    await undo(this.#ready, this.#record)
    await sweep(this.#ready, this.#record.database, this.#record.since)
    this.#changed = false
  }

  evidence(): Readonly<Record<string, number>> {
    return {terminated: this.#terminated}
  }

  async close(): Promise<void> {
    if (this.#control !== undefined) await returnControl(this.kit.ground)
    this.#control = undefined
  }

  get #ready(): PgControl {
    if (this.#control === undefined) throw new Error('pg.read-only was not prepared')
    return this.#control
  }
}

export const pgReadOnly: MakeInjector = (_fault, kit) => new PgReadOnly(kit)

/** Undoes what a run that is gone has left. Throws a TargetError when it cannot. */
export async function undoPgReadOnly(record: Readonly<Record<string, unknown>>, url: string): Promise<void> {
  const found = UndoRecord.parse(record)
  await recovering({url, what: `the read-only setting of ${found.database}`, within: LATER}, async (control) => {
    if (await undo(control, found)) await sweep(control, found.database, found.since)
  })
}

/**
 * Only where it still is as we set it; answers whether it was. A session keeps what it began with, so that those of the meantime have to be
 * ended too.
 */
async function undo(control: PgControl, {database, had}: UndoRecord): Promise<boolean> {
  const {readOnly} = await readDatabase(control, database)
  if (readOnly !== 'on') return false
  const change =
    had === null ? 'RESET default_transaction_read_only' : `SET default_transaction_read_only = ${escapeLiteral(had)}`
  await alterDatabase(control, database, change)
  return true
}
