/** Finds, in what a plan counted, that one column determines another, so that the second one adds nothing to an index. Pure. */
import type {IndexKey, Rejected} from '../index-design.js'
import {quoted} from '../ddl.js'
import {nameOfKey} from '../covers.js'
import {givenUp, type Equality, type View} from './view.js'

/** So much of what the first column keeps, the second one keeps too. */
const DETERMINED = 0.8
/** From here on the planner's estimate misleads it. */
const MISLED = 5

export interface Correlated {
  readonly needless: Equality
  readonly given: Rejected
  readonly note: string | undefined
}

export function correlatedWith(equalities: readonly Equality[], view: View): Correlated | undefined {
  const [first, second, ...others] = equalities
  if (first?.share === undefined || second === undefined || others.length > 0) return undefined
  const both = keptByBoth(view)
  if (both === undefined || both < DETERMINED * first.share) return undefined
  const keys = [first.key, second.key]
  const reason = `${nameOfKey(second.key)} follows from ${nameOfKey(first.key)}: it leaves out hardly a row more`
  return {needless: second, given: givenUp(view, keys, reason), note: noteOf(keys, view)}
}

/** Only where a sequential scan counted the rows of exactly two conditions: anything else would be a guess. */
function keptByBoth({scan}: View): number | undefined {
  const {type, conditions, rowsLookedAt, rowsOut} = scan
  if (type !== 'Seq Scan' || conditions.length !== 2 || rowsLookedAt === undefined) return undefined
  return rowsOut === 0 ? undefined : rowsOut / rowsLookedAt
}

function noteOf(keys: readonly IndexKey[], {scan, facts}: View): string | undefined {
  const estimated = scan.estimatedRows * scan.loops
  if (estimated * MISLED > scan.rowsOut) return undefined
  const columns = keys.map((key) => quoted(nameOfKey(key))).join(', ')
  return (
    `the planner expects ${Math.round(estimated)} rows where ${Math.round(scan.rowsOut)} come: ` +
    `CREATE STATISTICS (dependencies) ON ${columns} FROM ${quoted(facts.schema)}.${quoted(facts.name)} would tell it`
  )
}
