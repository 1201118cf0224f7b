/** Looks for indexes that cost writes and space and serve nobody. */
import {DAY, type Ms} from '../../../../base/units.js'
import type {Session} from '../../../../protocols/postgres/session.js'
import type {CheckKit} from '../check.js'
import {flushCounts} from '../flush.js'
import {readIndexUse, type IndexFacts, type IndexUse} from './indexes.js'
import {redundantIndexes, type Redundant} from './redundant.js'

/** What runs once a week has run by then. */
const LONG_ENOUGH: Ms = 7 * DAY

export interface UnusedOrder {
  readonly session: Session
  /** The database is ours, and all of its workload has run: what was not used by now is not used. */
  readonly own: boolean
}

export interface UnusedFacts extends Pick<IndexUse, 'countedForMs' | 'hasStandby'> {
  /** Uses were counted for long enough to tell. */
  readonly known: boolean
  readonly indexes: number
  readonly unused: readonly IndexFacts[]
  readonly redundant: readonly Redundant[]
}

export async function runUnused({session, own}: UnusedOrder, kit: CheckKit): Promise<UnusedFacts> {
  kit.note({phase: 'checks', text: 'unused: indexes that serve nobody'})
  if (own) await flushCounts(session, kit.clock, kit.signal)
  const {indexes, countedForMs, hasStandby} = await readIndexUse(session)
  const known = own || (countedForMs !== null && countedForMs >= LONG_ENOUGH)
  const unused = indexes.filter(({scans, unique, needed}) => scans === 0 && !unique && !needed)
  return {
    countedForMs,
    hasStandby: hasStandby && !own,
    known,
    indexes: indexes.length,
    unused: known ? unused : [],
    redundant: redundantIndexes(indexes),
  }
}
