/** Which of several orders is turned: the one that goes deepest, and has an index or may be given one. */
import type {Session} from '../../../../protocols/postgres/session.js'
import type {PageOrder} from './page-order.js'
import {pageSql} from './page-sql.js'
import {pageTableOf, type PageTable} from './page-table.js'

const SORT_NODE = /^\s*(->\s+)?(Incremental )?Sort\s/

export interface Fit {
  readonly page: PageTable
  readonly index: 'there' | 'made' | 'missing'
}

interface Choice {
  readonly session: Session
  readonly orders: readonly PageOrder[]
  readonly own: boolean
}

/** Why none can be turned, in words. */
export async function fit({session, orders, own}: Choice): Promise<Fit | string> {
  const found: Fit[] = []
  const unfit = new Set<string>()
  for (const order of orders) {
    const page = await pageTableOf(session, order)
    if (typeof page === 'string') unfit.add(page)
    else
      found.push({page, index: (await isServed(session, page)) ? 'there' : own && isPlain(page) ? 'made' : 'missing'})
  }
  const best = found.toSorted(byDepth)[0]
  if (best !== undefined) return best
  return unfit.size > 0 ? [...unfit].join('; ') : 'no query of the workload sorts one table by its columns and cuts it'
}

/** An index that is there, or made, comes first: without one there is no fair comparison. */
function byDepth(one: Fit, other: Fit): number {
  const without = (fit: Fit) => (fit.index === 'missing' ? 1 : 0)
  return without(one) - without(other) || other.page.rows - one.page.rows
}

/** An index over the sort keys alone serves all rows; a filter would want its columns in front of them. */
function isPlain({order}: PageTable): boolean {
  return order.where === undefined
}

/** The plan of the page after the first row reads it in order. */
async function isServed(session: Session, page: PageTable): Promise<boolean> {
  const sql = pageSql(page)
  const {values} = page.order
  const [key] = (await session.read(sql.anchor(1), values)).rows
  if (key === undefined) return false
  const {rows} = await session.read(`EXPLAIN ${sql.keyset(1)}`, [...values, ...key])
  return !rows.some(([line]) => SORT_NODE.test(line ?? ''))
}
