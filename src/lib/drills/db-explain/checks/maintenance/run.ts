/** Looks for tables that are not kept up, and for plans that were misled by it. */
import type {Session} from '../../../../protocols/postgres/session.js'
import type {CheckKit} from '../check.js'
import {flushCounts} from '../flush.js'
import {estimatesOf, type Estimates, type PlannedQuery} from './estimates.js'
import {readUpkeep, type TableUpkeep} from './tables.js'

export interface MaintenanceOrder {
  readonly session: Session
  /** Executed ones, each with its query; may be empty. */
  readonly plans: readonly PlannedQuery[]
}

export interface MaintenanceFacts {
  readonly tables: readonly TableUpkeep[]
  readonly estimates: Estimates
}

export async function runMaintenance({session, plans}: MaintenanceOrder, kit: CheckKit): Promise<MaintenanceFacts> {
  kit.note({phase: 'checks', text: 'maintenance: tables that need VACUUM or ANALYZE'})
  await flushCounts(session, kit.clock, kit.signal)
  return {tables: await readUpkeep(session), estimates: estimatesOf(plans)}
}
