/** The columns by which a join could look up the rows of this table one by one. Pure. */
import type {IndexKey, Rejected} from '../index-design.js'
import {treeKeyOf} from './keys.js'
import {shareOfJoin, UNSELECTIVE} from './sorted-out.js'
import {givenUp, percent, type View} from './view.js'

export interface JoinKey {
  readonly key: IndexKey
}

/** With a LIMIT in an order of the other side the join may stop long before it has seen it all, so that how many rows it has says nothing. */
export function joinsFor(view: View): {readonly keys: readonly JoinKey[]; readonly given: readonly Rejected[]} {
  const keys: JoinKey[] = []
  const given: Rejected[] = []
  const stopsEarly = view.scan.limit !== undefined && view.scan.order.length === 0
  for (const {operand, lookups} of view.scan.joins) {
    const {key, reason} = treeKeyOf(operand, view)
    const share = Math.min(1, lookups * (shareOfJoin(operand, view) ?? 0))
    const all = !stopsEarly && share > UNSELECTIVE
    if (reason === undefined && !all) keys.push({key})
    else given.push(givenUp(view, [key], reason ?? `the join needs ${percent(share)} of the table`))
  }
  return {keys, given}
}
