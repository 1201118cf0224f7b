/** Finds the uses of tables in a plan. Read from the plan and not from the SQL, because there views, stars, aliases and search_path are resolved. */
import type {Condition, Operand} from '../conditions/condition.js'
import {operandOf, type IsOwn} from '../conditions/operand.js'
import {conjunctsOf, readConditions} from '../conditions/read-conditions.js'
import {columnsOf, loadGrammar, parseExpression, parseSortTerm} from '../conditions/tree.js'
import type {Plan, PlanNode, Relation} from '../../plans/plan-node.js'
import {rowsLookedAt, rowsOut} from './rows.js'
import type {JoinCondition, Scan, SortTerm} from './scan.js'
import {NOTHING_WANTED, wantedBelow, type Wanted} from './wanted.js'

/** The plan must have been made with VERBOSE; in the order in which the plan prints them. */
export async function findScans(plan: Plan): Promise<readonly Scan[]> {
  await loadGrammar()
  const scans: Scan[] = []
  walk(plan.root, NOTHING_WANTED, (node, relation, wanted) => scans.push(scanOf({node, relation, plan}, wanted)))
  return scans
}

type Found = (node: PlanNode, relation: Relation, wanted: Wanted) => void

function walk(node: PlanNode, wanted: Wanted, found: Found): void {
  if (node.relation !== undefined) found(node, node.relation, wanted)
  for (const child of node.children) walk(child, wantedBelow(node, child, wanted), found)
}

interface Leaf {
  readonly node: PlanNode
  readonly relation: Relation
  readonly plan: Plan
}

function scanOf({node, relation, plan}: Leaf, wanted: Wanted): Scan {
  const isOwn = ownOf(node, relation)
  // Of what was never run nobody knows how often it would have been: once at least.
  const loops = node.actualRows === undefined ? 1 : node.loops
  // The recheck condition of a bitmap heap scan holds the conditions of the index scans below it.
  const texts = [node.indexCondition, node.recheckCondition, node.filter]
  const conditions = once(texts.flatMap((text) => readConditions(text, isOwn)))
  return {
    relation,
    type: node.type,
    index: node.index ?? node.children.find(({index}) => index !== undefined)?.index,
    // Without a join above it, the values of another table are those of the row that a sub-query is asked for: as good as a literal.
    conditions: conditions.filter(({given}) => given.kind !== 'columns' || wanted.joins.length === 0),
    joins: joinsOf(conditions, {wanted, isOwn, loops}),
    order: orderOf(wanted.sortKey, isOwn),
    limit: wanted.limit,
    aggregated: wanted.aggregated,
    groups: wanted.groupKey.flatMap((key) => ownOperand(key, isOwn) ?? []),
    needed: neededOf(node, wanted, isOwn),
    rowsOut: rowsOut(node, plan),
    rowsLookedAt: rowsLookedAt(node),
    estimatedRows: node.estimatedRows,
    loops,
  }
}

/** The partitions of `m` are called `m_1`, `m_2`, … while the nodes above speak of `m`. */
function ownOf({relationship}: PlanNode, {alias}: Relation): IsOwn {
  const parent = relationship === 'Member' ? alias.replace(/_\d+$/, '') : alias
  return (one) => one === undefined || one === alias || one === parent
}

/** Where an index answers LIKE 'x%' already, its condition shows the range that Postgres made of the prefix as well. */
function once(conditions: readonly Condition[]): readonly Condition[] {
  const prefixes = conditions
    .filter(({kind}) => kind === 'prefix')
    .flatMap(({operands}) => operands.map(({sql}) => sql))
  const asked = conditions.filter(
    ({kind, operands: [operand]}) => kind !== 'range' || !prefixes.includes(operand?.sql ?? ''),
  )
  return [...new Map(asked.map((condition) => [condition.sql, condition])).values()]
}

interface Around {
  readonly wanted: Wanted
  readonly isOwn: IsOwn
  readonly loops: number
}

/** From the joins above it, and from its own conditions that another table gives values for. */
function joinsOf(own: readonly Condition[], {wanted, isOwn, loops}: Around): readonly JoinCondition[] {
  const above = wanted.joins.flatMap(({texts, lookups}) =>
    texts.flatMap((text) => readConditions(text, isOwn)).flatMap((condition) => partnersOf(condition, lookups)),
  )
  const inside = wanted.joins.length === 0 ? [] : own.flatMap((condition) => partnersOf(condition, loops))
  return [...new Map([...above, ...inside].map((join) => [join.operand.sql, join])).values()]
}

function partnersOf({kind, given, operands}: Condition, lookups: number): readonly JoinCondition[] {
  if (kind !== 'equal' || given.kind !== 'columns') return []
  return operands.map((operand) => ({operand, lookups}))
}

/** The first keys, as far as they are of this table: the rest can be sorted within equal ones (from Postgres 13 on). */
function orderOf(sortKey: readonly string[], isOwn: IsOwn): readonly SortTerm[] {
  const terms: SortTerm[] = []
  for (const key of sortKey) {
    const term = parseSortTerm(key)
    const operand = term?.node && operandOf(term.node, isOwn)
    if (term === undefined || operand === undefined || term.sortby_dir === 'SORTBY_USING') break
    const descending = term.sortby_dir === 'SORTBY_DESC'
    const nullsFirst =
      term.sortby_nulls === 'SORTBY_NULLS_DEFAULT' ? descending : term.sortby_nulls === 'SORTBY_NULLS_FIRST'
    terms.push({operand, descending, nullsFirst})
  }
  return terms
}

function ownOperand(sql: string, isOwn: IsOwn): Operand | undefined {
  const node = parseExpression(sql)
  return node && operandOf(node, isOwn)
}

/** A scan below an aggregate or a join puts out all its columns, whether they are needed or not; what is above it tells. */
function neededOf(node: PlanNode, wanted: Wanted, isOwn: IsOwn): readonly string[] | undefined {
  const needed = new Set<string>()
  for (const text of [...(wanted.consumed ?? node.output), ...wanted.read]) {
    const columns = columnsIn(text)
    if (columns === undefined) return undefined
    for (const {alias, column} of columns) if (isOwn(alias)) needed.add(column)
  }
  return needed.has('*') ? undefined : [...needed]
}

/** Undefined where it cannot be read. */
function columnsIn(text: string): ReturnType<typeof columnsOf> | undefined {
  const output = parseExpression(text.replace(/^\(?PARTIAL (.*?)\)?$/s, '$1'))
  if (output !== undefined) return columnsOf(output)
  const term = parseSortTerm(text)?.node
  if (term !== undefined) return columnsOf(term)
  const conjuncts = conjunctsOf(text)
  return conjuncts.length === 0 ? undefined : conjuncts.flatMap(columnsOf)
}
