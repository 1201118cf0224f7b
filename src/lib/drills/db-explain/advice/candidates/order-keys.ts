/** The keys that give rows in the order in which a LIMIT wants them. Pure. */
import type {IndexKey} from '../index-design.js'
import type {SortTerm} from '../scans/scan.js'
import {treeKeyOf} from './keys.js'
import type {View} from './view.js'

/** None without a LIMIT: whoever reads all rows can as well sort them. */
export function orderKeys(view: View): readonly IndexKey[] {
  const {limit, order} = view.scan
  if (limit === undefined) return []
  const keys: IndexKey[] = []
  for (const term of order) {
    const {key, reason} = treeKeyOf(term.operand, view)
    if (reason !== undefined) break
    keys.push({...key, ...directionOf(term)})
  }
  return turned(keys)
}

function directionOf({descending, nullsFirst}: SortTerm): Pick<IndexKey, 'descending' | 'nullsFirst'> {
  return {...(descending ? {descending} : {}), ...(nullsFirst === descending ? {} : {nullsFirst})}
}

/** All descending is a plain index read backwards, which then serves ranges and other queries too. */
function turned(keys: readonly IndexKey[]): readonly IndexKey[] {
  if (!keys.every(({descending, nullsFirst}) => descending === true && nullsFirst === undefined)) return keys
  return keys.map(({descending: _descending, ...key}) => key)
}
