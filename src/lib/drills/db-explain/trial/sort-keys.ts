/** Rewrites a query so that what it sorts by stands in its last columns. */
import {parse} from 'libpg-query'
import {deparse} from 'pgsql-deparser'

export interface Keyed {
  readonly sql: string
  /** How many columns were appended. */
  readonly keys: number
  readonly cut: boolean
}

interface Tree {
  readonly stmts?: readonly {readonly stmt?: {readonly SelectStmt?: Select}}[]
}

interface Select {
  targetList?: unknown[]
  readonly sortClause?: readonly {readonly SortBy?: {readonly node?: Expression}}[]
  readonly limitCount?: unknown
  readonly limitOffset?: unknown
  readonly op?: string
}

interface Expression {
  readonly A_Const?: {readonly ival?: {readonly ival?: number}}
  readonly ColumnRef?: {readonly fields?: readonly {readonly String?: {readonly sval?: string}}[]}
}

interface Target {
  readonly ResTarget?: {readonly name?: string; readonly val?: unknown}
}

/** `keys` is 0 where it sorts by nothing, or where the columns cannot be appended: a UNION. Undefined when it cannot be parsed. */
export async function keyed(sql: string): Promise<Keyed | undefined> {
  try {
    const tree = (await parse(sql)) as Tree
    const select = tree.stmts?.[0]?.stmt?.SelectStmt
    if (select === undefined) return undefined
    const cut = select.limitCount !== undefined || select.limitOffset !== undefined
    const keys = keysOf(select)
    if (keys === undefined) return {sql, keys: 0, cut}
    select.targetList = [...(select.targetList ?? []), ...keys.map((val) => ({ResTarget: {val}}))]
    return {sql: await deparse(tree as never), keys: keys.length, cut}
  } catch {
    return undefined
  }
}

function keysOf({sortClause = [], targetList = [], op}: Select): readonly unknown[] | undefined {
  if (sortClause.length === 0 || (op ?? 'SETOP_NONE') !== 'SETOP_NONE') return undefined
  const keys = sortClause.map(({SortBy}) => keyOf(SortBy?.node, targetList as readonly Target[]))
  return keys.every((key) => key !== undefined) ? keys : undefined
}

/** A number and a bare name mean a column of the output before anything else: https://www.postgresql.org/docs/17/sql-select.html#SQL-ORDERBY */
function keyOf(node: Expression | undefined, targets: readonly Target[]): unknown {
  const place = placeOf(node)
  if (place !== undefined) return outputAt(place, targets)
  const name = bareNameOf(node)
  const alias = name === undefined ? undefined : targets.find(({ResTarget}) => ResTarget?.name === name)
  return alias?.ResTarget?.val ?? node
}

function placeOf(node: Expression | undefined): number | undefined {
  return node?.A_Const?.ival?.ival
}

function bareNameOf(node: Expression | undefined): string | undefined {
  const fields = node?.ColumnRef?.fields
  return fields?.length === 1 ? fields[0]?.String?.sval : undefined
}

function outputAt(place: number, targets: readonly Target[]): unknown {
  const before = targets.slice(0, place)
  return before.some(isStar) ? undefined : before[place - 1]?.ResTarget?.val
}

/** `*` stands for columns that only the server knows. */
function isStar({ResTarget}: Target): boolean {
  return JSON.stringify(ResTarget?.val ?? {}).includes('A_Star')
}
