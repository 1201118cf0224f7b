/** `pg.connection-limit`: limits the connections of the database, and sets back what was; open sessions stay, superusers are exempt. */
import {z} from 'zod'
import type {Ms} from '../../base/units.js'
import type {FaultPreview, PlannedFault} from '../fault.js'
import type {Injector, InjectorKit, MakeInjector} from '../injector.js'
import {borrowControl, returnControl, type PgControl} from './control.js'
import {alterDatabase, proveOwner, readDatabase} from './database.js'
import {AT_ONCE, LATER, recovering} from './undo.js'
import {listVictims} from './victims.js'

const UndoRecord = z.object({database: z.string(), had: z.number().int(), set: z.number().int()})
type UndoRecord = z.infer<typeof UndoRecord>

class PgConnectionLimit implements Injector {
  readonly #limit: number
  #control: PgControl | undefined
  #record: UndoRecord | undefined
  #changed = false

  constructor(
    {parameters}: PlannedFault,
    private readonly kit: InjectorKit,
  ) {
    this.#limit = Number(parameters['limit'] ?? 0)
  }

  async prepare(): Promise<FaultPreview> {
    const control = (this.#control = await borrowControl(this.kit))
    this.#record = this.#recordOf(control, (await proveOwner(control, 'limit the connections')).limit)
    const others = await listVictims(control, {application: null, user: null, address: null})
    return {
      server: control.server,
      hits: `new sessions of the database ${control.identity.database}; its ${others.length} stay`,
    }
  }

  async undoing(): Promise<Readonly<Record<string, unknown>>> {
    const control = this.#ready
    this.#record = this.#recordOf(control, (await readDatabase(control, control.identity.database)).limit)
    return this.#record
  }

  async inject(): Promise<void> {
    const control = this.#ready
    // First: from here on it may have been done, whatever the answer is.
    this.#changed = true
    await alterDatabase(control, control.identity.database, `CONNECTION LIMIT ${this.#limit}`)
  }

  async revert(): Promise<void> {
    if (!this.#changed || this.#record === undefined) return
    const record = this.#record
    // When the server has ended our sessions, the limit may keep us out as well.
    await undo(this.#ready, record).catch(() => recover(record, this.kit.ground.postgres ?? '', AT_ONCE))
    this.#changed = false
  }

  evidence(): Readonly<Record<string, number>> {
    return {limit: this.#limit, ...(this.#record === undefined ? {} : {limitBefore: this.#record.had})}
  }

  async close(): Promise<void> {
    if (this.#control !== undefined) await returnControl(this.kit.ground)
    this.#control = undefined
  }

  get #ready(): PgControl {
    if (this.#control === undefined) throw new Error('pg.connection-limit was not prepared')
    return this.#control
  }

  #recordOf(control: PgControl, had: number): UndoRecord {
    return {database: control.identity.database, had, set: this.#limit}
  }
}

export const pgConnectionLimit: MakeInjector = (fault, kit) => new PgConnectionLimit(fault, kit)

/** Undoes what a run that is gone has left. Throws a TargetError when it cannot. */
export async function undoPgConnectionLimit(record: Readonly<Record<string, unknown>>, url: string): Promise<void> {
  await recover(UndoRecord.parse(record), url, LATER)
}

async function recover(record: UndoRecord, url: string, within: Ms): Promise<void> {
  const what = `the connection limit of ${record.database}`
  await recovering({url, what, within}, (control) => undo(control, record))
}

/** Only where it still is as we set it: somebody else may have put it right already. */
async function undo(control: PgControl, {database, had, set}: UndoRecord): Promise<void> {
  const {limit} = await readDatabase(control, database)
  if (limit === set) await alterDatabase(control, database, `CONNECTION LIMIT ${had}`)
}
