/** Locks every server that the faults of a run act on, where its user may; what speaks to it is loaded when it is needed. */
import type {PlannedFault} from '../fault.js'
import type {InjectorKit} from '../injector.js'
import type {Writer} from './records.js'
import type {ServerLock} from './server-lock.js'

/** All or none. Throws a UsageError that says who holds one. */
export async function lockServers(
  faults: readonly PlannedFault[],
  kit: InjectorKit,
  writer: Writer,
): Promise<ServerLock[]> {
  const needs = new Set(faults.map((fault) => fault.needs))
  const locks: ServerLock[] = []
  try {
    if (needs.has('redis')) locks.push(...(await (await import('./redis-lock.js')).lockRedis(kit, writer)))
    if (needs.has('postgres')) locks.push(...(await (await import('./postgres-lock.js')).lockPostgres(kit)))
    return locks
  } catch (error) {
    for (const lock of locks) await lock.release()
    throw error
  }
}
