/** An empty Postgres of our own, and a Redis beside it, for what is to be proven on a copy. */
import {totalmem} from 'node:os'
import {startPostgres} from '../../embedded/postgres.js'
import {startRedis} from '../../embedded/redis.js'
import {Undo} from '../undo.js'
import {laboratorySettings} from './settings.js'

/** How much will be copied is not known yet: as much room as the machine can spare. */
const ALL_THERE_IS = Number.MAX_SAFE_INTEGER

export interface Laboratory extends AsyncDisposable {
  /** Of the owner, who is no superuser. */
  readonly url: string
  readonly adminUrl: string
  readonly redisUrl: string
  readonly services: {readonly redis: string; readonly postgres: string}
}

export interface LaboratoryOptions {
  /** Ends a start that is under way. */
  readonly signal?: AbortSignal | undefined
  readonly note?: ((text: string) => void) | undefined
}

/** Takes three seconds. @throws Error when a part does not start; what had started is stopped by then. The signal's reason when it aborts. */
export async function startLaboratory({signal, note}: LaboratoryOptions): Promise<Laboratory> {
  const undo = new Undo()
  try {
    signal?.throwIfAborted()
    note?.('starting a Postgres for the copy')
    const settings = laboratorySettings({data: ALL_THERE_IS, machineMemory: totalmem()})
    const [starting, redis] = [startPostgres({settings}), startRedis()]
    await undo.useAll<AsyncDisposable>([starting, redis])
    signal?.throwIfAborted()
    const [{url, adminUrl, ...postgres}, {url: redisUrl, ...beside}] = [await starting, await redis]
    const services = {redis: beside.describe(), postgres: postgres.describe()}
    return {url, adminUrl, redisUrl, services, [Symbol.asyncDispose]: () => undo[Symbol.asyncDispose]()}
  } catch (error) {
    await undo[Symbol.asyncDispose]().catch(() => undefined)
    throw error
  }
}
