/** Says why no index can help a scan. Pure; never with values of the user's. */
import type {Condition} from '../conditions/condition.js'
import {joinsFor} from './join-keys.js'
import {UNSELECTIVE} from './sorted-out.js'
import {percent, type View} from './view.js'

/** Read as fast as any index of it. */
const TINY_ROWS = 1000
const TINY_BYTES = 128 * 1024

/** `reads 84 % of the table`; undefined where an index is worth looking for. */
export function explainsUnindexable(view: View): string | undefined {
  return notATable(view) ?? tiny(view) ?? allRows(view) ?? mostRows(view)
}

/** Where one was looked for in vain. */
export function explainsNothingFound({scan}: View): string {
  const operators = [...new Set(unanswered(scan.conditions))]
  return operators.length === 0
    ? 'no condition names a value to look up'
    : `no index that we know answers ${operators.join(', ')}`
}

function unanswered(conditions: readonly Condition[]): readonly string[] {
  return conditions.flatMap(({kind, operator, sql}) => {
    if (kind !== 'other') return []
    return [operator === '' ? shapeOf(sql) : operator]
  })
}

/** The condition without the values in it. */
function shapeOf(sql: string): string {
  return sql.replaceAll(/E?'(?:[^']|'')*'|\b\d+(?:\.\d+)?\b/g, '…')
}

function notATable({facts, scan}: View): string | undefined {
  if (facts.kind === 'view') return 'it is a view'
  if (facts.kind === 'foreign') return 'it is a foreign table, whose own server must have the index'
  if (facts.kind === 'other') return 'it is no table'
  return scan.type === 'Sample Scan' ? 'it reads a sample of the table' : undefined
}

function tiny({facts: {rows, bytes}}: View): string | undefined {
  if (rows === undefined) return bytes < TINY_BYTES ? 'the table is tiny' : undefined
  return rows > TINY_ROWS ? undefined : `the table has ${Math.round(rows)} rows`
}

function allRows({scan}: View): string | undefined {
  const {conditions, joins, aggregated, groups} = scan
  if (conditions.length > 0 || joins.length > 0 || endsSoon(scan)) return undefined
  return aggregated || groups.length > 0 ? 'aggregates every row' : 'reads every row'
}

function mostRows(view: View): string | undefined {
  const {scan, facts} = view
  if (endsSoon(scan) || joinsFor(view).keys.length > 0) return undefined
  // A limit that stops a scan leaves rows unseen: what was looked at is the better measure of its conditions.
  const all = scan.type === 'Seq Scan' ? (scan.rowsLookedAt ?? facts.rows) : facts.rows
  if (all === undefined || all === 0) return undefined
  const share = Math.min(1, scan.rowsOut / all)
  if (share <= UNSELECTIVE) return undefined
  const then = scan.aggregated ? ', and aggregates them' : ''
  return `reads ${percent(share)} of the table${then}`
}

function endsSoon({limit, order}: View['scan']): boolean {
  return limit !== undefined && order.length > 0
}
