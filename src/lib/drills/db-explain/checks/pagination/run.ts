/** Turns the same pages by OFFSET and by key, at growing depths, in pairs. */
import {SECOND, type Ms} from '../../../../base/units.js'
import type {Session} from '../../../../protocols/postgres/session.js'
import type {CheckKit} from '../check.js'
import {inPairs, savingOf, type Pair, type Saving} from '../paired-saving.js'
import {timed} from '../timed.js'
import {fit, type Fit} from './fit.js'
import type {PageOrder} from './page-order.js'
import {orderIndexSql, pageSql, type PageSql} from './page-sql.js'

const DEPTHS: readonly number[] = [0, 1000, 10_000, 100_000, 900_000]

/** At each depth: this many pairs, fewer when they take too long. */
const PAIRS = 20
const LEAST_PAIRS = 5
const DEPTH_TAKES: Ms = 1.5 * SECOND

export interface PaginationOrder {
  /** Outside a transaction. */
  readonly session: Session
  /** Those that may be taken; the one that goes deepest is. */
  readonly orders: readonly PageOrder[]
  /** The database is ours: an index that is missing is made, and rolled back. */
  readonly own: boolean
  readonly depths?: readonly number[]
}

export interface DepthFacts {
  readonly depth: number
  /** Times of the same page, by OFFSET and by key. */
  readonly pairs: readonly Pair[]
  readonly identical: boolean
  /** Undefined at depth 0, where both are the same statement. */
  readonly saving: Saving | undefined
}

export interface PaginationFacts {
  /** Why no pages were turned. */
  readonly trouble: string | undefined
  readonly query: string | undefined
  /** `schema.table`. */
  readonly table: string
  readonly pageRows: number
  /** Whether the planner reads the key's pages in order, or sorts for each. */
  readonly index: 'there' | 'made' | 'missing'
  /** The DDL of the index that serves the order. */
  readonly ddl: string
  readonly depths: readonly DepthFacts[]
}

export async function runPagination(order: PaginationOrder, kit: CheckKit): Promise<PaginationFacts> {
  const {session, own} = order
  const chosen = await fit(order)
  if (typeof chosen === 'string') return nothing(chosen)
  // What is read is the same in both ways only if nobody writes meanwhile.
  await session.run(own ? 'BEGIN' : 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
  try {
    if (chosen.index === 'made') await session.run(orderIndexSql(chosen.page, 'plain'))
    return {...factsOf(chosen), depths: await sweep(order, chosen, kit)}
  } finally {
    await session.run('ROLLBACK')
  }
}

function nothing(trouble: string): PaginationFacts {
  return {trouble, query: undefined, table: '', pageRows: 0, index: 'missing', ddl: '', depths: []}
}

function factsOf({page, index}: Fit): Omit<PaginationFacts, 'depths'> {
  return {
    trouble: undefined,
    query: page.order.query,
    table: `${page.schema}.${page.table}`,
    pageRows: page.order.rows,
    index,
    ddl: `${orderIndexSql(page, 'concurrently')};`,
  }
}

async function sweep({session, depths = DEPTHS}: PaginationOrder, {page}: Fit, kit: CheckKit): Promise<DepthFacts[]> {
  const sql = pageSql(page)
  const facts: DepthFacts[] = []
  for (const depth of depths) {
    if (kit.signal.aborted) break
    kit.note({phase: 'checks', text: `pagination: behind ${depth} rows of ${page.table}`})
    const at = await measureAt({session, sql, values: page.order.values, depth}, kit)
    if (at === undefined) break
    facts.push(at)
  }
  return facts
}

interface Place {
  readonly session: Session
  readonly sql: PageSql
  /** Of the order's filter. */
  readonly values: PageOrder['values']
  readonly depth: number
}

/** Undefined where there is no row any more. */
async function measureAt({session, sql, values, depth}: Place, kit: CheckKit): Promise<DepthFacts | undefined> {
  const [key] = depth === 0 ? [[]] : (await session.read(sql.anchor(depth), values)).rows
  if (key === undefined) return undefined
  const [byOffset, byKey] = [sql.offset(depth), sql.keyset(depth)]
  const keyed = [...values, ...key]
  const counted = await session.read(byOffset, values)
  const identical = JSON.stringify(counted.rows) === JSON.stringify((await session.read(byKey, keyed)).rows)
  if (counted.rows.length === 0) return undefined
  const until = kit.clock.now() + DEPTH_TAKES
  const going = (pairs: number) =>
    !kit.signal.aborted && pairs < PAIRS && (pairs < LEAST_PAIRS || kit.clock.now() < until)
  const pairs = await inPairs(
    [timed(kit.clock, () => session.read(byOffset, values)), timed(kit.clock, () => session.read(byKey, keyed))],
    going,
  )
  return {depth, pairs, identical, saving: depth === 0 ? undefined : savingOf(pairs, kit.random.fork(`depth ${depth}`))}
}
