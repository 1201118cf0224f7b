/** Watches a stretch of calls for statements that are called once for each row of another one. */
import type {Session} from '../../../../protocols/postgres/session.js'
import type {CheckKit} from '../check.js'
import {measureBatching, type Batching} from './batching.js'
import {countedBetween, countedStatements} from './statements.js'
import {suspect} from './suspect.js'

/** So many are measured, those that take longest first. */
const MEASURED = 3

export interface NPlusOneOrder {
  /** Outside a transaction; it reads the counts, and measures. */
  readonly session: Session
  /** The stretch: our own loader, or waiting while others work. */
  readonly pattern: () => Promise<void>
}

export interface Suspected {
  /** Normalised statements, without values. */
  readonly parent: string
  readonly child: string
  /** `users.id`. */
  readonly key: string
  readonly table: string
  readonly parentCalls: number
  readonly parentRows: number
  readonly childCalls: number
  readonly batching: Batching | undefined
}

export interface NPlusOneFacts {
  /** Why nothing could be looked at. */
  readonly trouble: string | undefined
  /** How many different ones were called in the stretch. */
  readonly statements: number
  readonly suspected: readonly Suspected[]
}

export async function runNPlusOne({session, pattern}: NPlusOneOrder, kit: CheckKit): Promise<NPlusOneFacts> {
  kit.note({phase: 'checks', text: 'n-plus-one: which statements are called for each row of another one'})
  const before = await countedStatements(session)
  if (typeof before === 'string') return {trouble: before, statements: 0, suspected: []}
  await pattern()
  const after = await countedStatements(session)
  if (typeof after === 'string') return {trouble: after, statements: 0, suspected: []}
  const called = countedBetween(before, after)
  const suspected: Suspected[] = []
  for (const {parent, child, lookup} of await suspect(called)) {
    const measured = suspected.length < MEASURED && !kit.signal.aborted
    suspected.push({
      parent: parent.sql,
      child: child.sql,
      key: `${lookup.table}.${lookup.column}`,
      table: lookup.table,
      parentCalls: parent.calls,
      parentRows: parent.rows,
      childCalls: child.calls,
      batching: measured ? await measureBatching(session, {sql: child.sql, lookup}, kit) : undefined,
    })
  }
  return {trouble: undefined, statements: called.length, suspected}
}
