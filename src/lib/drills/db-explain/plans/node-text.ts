/** A node of a plan in words: what it does, on what, and under which conditions; pure. */
import {lineOf, type Line, type Span, type Tone} from '../../../metrics/exhibit.js'
import {hideLiterals} from './hide-literals.js'
import type {PlanNode, Relation} from './plan-node.js'

export interface Wording {
  /** Shows the user's data in conditions; hidden by default. */
  readonly literals?: boolean
  /** Indexes that are new: they stand out. */
  readonly newIndexes?: readonly string[]
}

/** What of a plan's other nodes decides on how one is written. */
export interface Surroundings {
  readonly isHot: boolean
  /** Relations of several schemas: each tells its own. */
  readonly schemas: boolean
}

/** `CTE recent: Index Scan using messages_room_idx on messages m`. */
export function titleOf(node: PlanNode, surroundings: Surroundings, look: Wording): Line {
  const {before, behind} = titleParts(node, surroundings)
  return lineOf(...before, ...indexSpans(node, look), behind)
}

/** The same on two lines, for long names: `CTE recent: Index Scan on messages m`, and `using messages_room_idx`. */
export function foldedTitleOf(node: PlanNode, surroundings: Surroundings, look: Wording): readonly [Line, Line] {
  const {before, behind} = titleParts(node, surroundings)
  const [first, ...name] = indexSpans(node, look)
  return [lineOf(...before, behind), lineOf({text: first?.text.trimStart() ?? '', tone: 'plain'}, ...name)]
}

function titleParts(node: PlanNode, surroundings: Surroundings): {before: readonly Span[]; behind: Span} {
  const {subplan} = node
  return {
    before: [
      {text: subplan === undefined ? '' : `${subplan}: `, tone: 'dim'},
      {text: node.heading ?? node.type, tone: toneOf(node, surroundings)},
    ],
    behind: {text: placeText(node, surroundings), tone: 'plain'},
  }
}

function toneOf({actualRows, loops}: PlanNode, {isHot}: Surroundings): Tone {
  if (isHot) return 'hot'
  return actualRows !== undefined && loops === 0 ? 'dim' : 'plain'
}

function placeText({relation, source}: PlanNode, {schemas}: Surroundings): string {
  if (relation !== undefined) return ` on ${relationText(relation, schemas)}`
  return source === undefined ? '' : ` on ${source}`
}

function indexSpans({index, type}: PlanNode, {newIndexes = []}: Wording): readonly Span[] {
  if (index === undefined) return []
  return [
    {text: type === 'Bitmap Index Scan' ? ' on ' : ' using ', tone: 'plain'},
    {text: quoted(index), tone: newIndexes.includes(index) ? 'good' : 'plain'},
  ]
}

function relationText({schema, name, alias}: Relation, schemas: boolean): string {
  const full = schema === '' || !schemas ? quoted(name) : `${quoted(schema)}.${quoted(name)}`
  return alias === name ? full : `${full} ${quoted(alias)}`
}

/** As it would have to be written in SQL, key words aside. */
function quoted(name: string): string {
  return /^[a-z_\u0080-\uffff][\w$\u0080-\uffff]*$/.test(name) && name === name.toLowerCase()
    ? name
    : `"${name.replaceAll('"', '""')}"`
}

/** `drops 199,800 · index: room_id = … · filter: deleted_at IS NULL`; empty where it has none. */
export function conditionsText(node: PlanNode, {literals = false}: Wording): string {
  const show = literals ? (sql: string) => sql : hideLiterals
  const named: readonly (readonly [string, string | undefined])[] = [
    ['index', node.indexCondition],
    ['recheck', node.indexCondition === node.recheckCondition ? undefined : node.recheckCondition],
    ['hash', node.hashCondition],
    ['merge', node.mergeCondition],
    ['join', node.joinFilter],
    ['sort', listed(node.sortKey)],
    ['group', listed(node.groupKey)],
    ['filter', node.filter],
  ]
  const conditions = named.flatMap(([name, sql]) => (sql === undefined ? [] : [`${name}: ${show(bare(sql))}`]))
  return [...counts(node), ...conditions].join(' · ').replaceAll(/\s+/g, ' ')
}

function listed(items: readonly string[]): string | undefined {
  return items.length === 0 ? undefined : items.join(', ')
}

function counts({removedByFilter, heapFetches, indexSearches = 0, loops}: PlanNode): readonly string[] {
  const number = (count: number) => Math.round(count).toLocaleString('en-US')
  return [
    ...(removedByFilter > 0 ? [`drops ${number(removedByFilter)}${loops > 1 ? ' a loop' : ''}`] : []),
    ...(heapFetches === undefined || loops === 0
      ? []
      : [`${number(heapFetches)} heap ${heapFetches === 1 ? 'fetch' : 'fetches'}`]),
    ...(indexSearches > loops ? [`${number(indexSearches)} index searches`] : []),
  ]
}

/** Without the parentheses around the whole. */
function bare(sql: string): string {
  if (!sql.startsWith('(') || !sql.endsWith(')')) return sql
  const inner = sql.slice(1, -1)
  return isClosed(inner) ? inner : sql
}

/** No parenthesis closes what is not opened here; texts and quoted names do not count. */
function isClosed(sql: string): boolean {
  let depth = 0
  for (const mark of sql.replaceAll(/'(?:[^']|'')*'|"(?:[^"]|"")*"/g, '').match(/[()]/g) ?? []) {
    depth += mark === '(' ? 1 : -1
    if (depth < 0) return false
  }
  return depth === 0
}
