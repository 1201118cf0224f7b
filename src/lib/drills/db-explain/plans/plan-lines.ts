/** A plan as lines of marked text: figures in columns, then the tree; the conditions of a node in a dim line below it. Pure, without colours. */
import {formatDuration} from '../../../base/format-units.js'
import {lineOf, type Line, type Span} from '../../../metrics/exhibit.js'
import {cellsLine, columnsOf, GAP} from './figures.js'
import {hotNode} from './hot-node.js'
import {conditionsText, foldedTitleOf, titleOf, type Surroundings, type Wording} from './node-text.js'
import type {Plan, PlanNode} from './plan-node.js'
import {everyNode} from './shape.js'

export interface PlanLook extends Wording {
  /** Columns that a line may fill; 100 by default. */
  readonly width?: number
}

/** Wider than this a report is not. */
const WIDTH = 100
/** Trees so deep that they leave less room are cut at their end and not at their names. */
const LEAST = 30
const HOT = '►'

interface Row {
  readonly node: PlanNode
  /** What draws the tree before its title, and before its conditions. */
  readonly stem: string
  readonly below: string
}

export function planLines(plan: Plan, look: PlanLook = {}): readonly Line[] {
  const columns = columnsOf(plan)
  const rows = rowsOf(plan.root, '', '')
  const heads = columns.map(({head}): Span => ({text: head, tone: 'dim'}))
  const cells = rows.map(({node}) => columns.map((column) => column.cell(node)))
  const widths = heads.map(({text}, n) => Math.max(text.length, ...cells.map((row) => row[n]?.text.length ?? 0)))
  const indent = widths.reduce((sum, width) => sum + width + GAP, 0) + MARK
  const width = Math.max(look.width ?? WIDTH, indent + LEAST)
  const hot = hotNode(plan)
  const schemas = new Set(everyNode(plan.root).flatMap(({relation}) => relation?.schema ?? [])).size > 1
  const gap: Span = {text: ' '.repeat(GAP), tone: 'plain'}
  return [
    lineOf(NO_MARK, ...cellsLine(heads, widths)),
    ...rows.flatMap(({node, stem, below}, n) => {
      const mark: Span = node === hot ? {text: `${HOT} `, tone: 'hot'} : NO_MARK
      const figures = cellsLine(cells[n] ?? [], widths)
      const conditions = conditionsText(node, look)
      const margin = `${' '.repeat(indent)}${below}`
      const heads = titleLines(node, {isHot: node === hot, schemas}, {...look, width: width - indent - stem.length})
      const titles = heads.map((title, n) =>
        n === 0
          ? lineOf(mark, ...figures, gap, {text: stem, tone: 'dim'}, ...title)
          : lineOf({text: margin.slice(0, Math.max(0, width - lengthOf(title))), tone: 'dim'}, ...title),
      )
      const under = folded(conditions, width - margin.length).map((text): Line => [{text: margin + text, tone: 'dim'}])
      return [...titles, ...under].map((line) => cut(line, width))
    }),
    ...footer(plan).map((text): Line => cut([{text: `  ${text}`, tone: 'dim'}], width)),
  ]
}

/** The name of an index that does not fit stands on a line of its own, further left where it must. */
function titleLines(node: PlanNode, surroundings: Surroundings, look: Wording & {width: number}): readonly Line[] {
  const title = titleOf(node, surroundings, look)
  return node.index === undefined || lengthOf(title) <= look.width ? [title] : foldedTitleOf(node, surroundings, look)
}

function lengthOf(line: Line): number {
  return line.reduce((sum, {text}) => sum + text.length, 0)
}

const NO_MARK: Span = {text: '  ', tone: 'plain'}
const MARK = NO_MARK.text.length

/** More of its conditions than this nobody reads. */
const FOLDS = 3

/** At spaces, into few lines, of which the last one holds all the rest. */
function folded(text: string, width: number): readonly string[] {
  const lines: string[] = []
  let rest = text
  while (rest.length > width && lines.length < FOLDS - 1) {
    const space = rest.lastIndexOf(' ', width)
    if (space <= 0) break
    lines.push(rest.slice(0, space))
    rest = rest.slice(space + 1)
  }
  return rest === '' ? lines : [...lines, rest]
}

function rowsOf(node: PlanNode, stem: string, rest: string): readonly Row[] {
  const {children} = node
  const below = `${rest}${children.length > 0 ? '│ ' : '  '}`
  return [
    {node, stem, below},
    ...children.flatMap((child, n) =>
      n === children.length - 1 ? rowsOf(child, `${rest}└ `, `${rest}  `) : rowsOf(child, `${rest}├ `, `${rest}│ `),
    ),
  ]
}

/** How long it took, and what else decided on the plan. */
function footer(plan: Plan): readonly string[] {
  const {planningMs, executionMs, workersPlanned, workersLaunched} = plan
  const workers = workersLaunched === undefined ? 'planned' : `planned, ${workersLaunched} launched`
  const settings = Object.entries(plan.settings).map(([name, value]) => `${name} = ${value}`)
  const times = [
    ...(executionMs === undefined ? [] : [`executed in ${formatDuration(executionMs)}`]),
    ...(planningMs === undefined ? [] : [`planned in ${formatDuration(planningMs)}`]),
    ...(workersPlanned === 0 ? [] : [`${workersPlanned} ${workersPlanned === 1 ? 'worker' : 'workers'} ${workers}`]),
    ...(plan.jit ? ['compiled (JIT)'] : []),
  ]
  return [times.join(' · '), settings.length === 0 ? '' : `with ${settings.join(', ')}`].filter((text) => text !== '')
}

/** With `…` at the end of what does not fit. */
function cut(line: Line, width: number): Line {
  if (lengthOf(line) <= width) return line
  let left = width - 1
  const spans = line.map(({text, tone}): Span => {
    const kept = text.slice(0, Math.max(0, left))
    left -= text.length
    return {text: kept, tone}
  })
  return lineOf(...spans, {text: '…', tone: 'dim'})
}
