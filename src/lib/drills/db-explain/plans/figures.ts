/** The figures of a plan's nodes as cells of a table, each as short as it can be read; pure. */
import {lineOf, type Line, type Span, type Tone} from '../../../metrics/exhibit.js'
import {exclusiveCosts} from './hot-node.js'
import {FAR_OFF, misestimates, OFF} from './misestimate.js'
import type {Plan, PlanNode} from './plan-node.js'
import {everyNode} from './shape.js'

export interface Column {
  readonly head: string
  cell(node: PlanNode): Span
}

const NOTHING: Span = {text: '', tone: 'plain'}

/** Only those that have something to say of this plan. */
export function columnsOf(plan: Plan): readonly Column[] {
  const {root} = plan
  const isRun = root.actualRows !== undefined
  return [
    ...(root.exclusiveMs === undefined ? costColumns(root) : timeColumns(root)),
    ...(isRun ? rowColumns(root) : [column('rows planned', ({estimatedRows}) => compact(estimatedRows))]),
    ...(isRun ? [column('loops', ({loops}) => compact(loops))] : []),
    ...bufferColumns(root),
  ]
}

function bufferColumns(root: PlanNode): readonly Column[] {
  const counts: readonly (readonly [head: string, tone: Tone, of: (node: PlanNode) => number])[] = [
    ['hit', 'plain', ({buffers}) => buffers.hit],
    ['read', 'plain', ({buffers}) => buffers.read],
    ['temp', 'warm', ({buffers}) => buffers.temporary],
  ]
  const nodes = everyNode(root)
  const used = counts.filter(([, , of]) => nodes.some((node) => of(node) > 0))
  return used.map(([head, tone, of]) => column(head, (node) => compact(of(node)), tone))
}

function timeColumns(root: PlanNode): readonly Column[] {
  const all = root.inclusiveMs ?? 0
  return [
    {
      head: 'own ms',
      cell: (node) =>
        wasReached(node, {text: millis(node.exclusiveMs ?? 0), tone: bandOf((node.exclusiveMs ?? 0) / all)}),
    },
    {head: 'total', cell: (node) => wasReached(node, {text: millis(node.inclusiveMs ?? 0), tone: 'plain'})},
  ]
}

function costColumns(root: PlanNode): readonly Column[] {
  const own = exclusiveCosts(root)
  const ownOf = (node: PlanNode) => own.get(node) ?? 0
  return [
    {head: 'own cost', cell: (node) => ({text: compact(ownOf(node)), tone: bandOf(ownOf(node) / root.totalCost)})},
    column('total', ({totalCost}) => compact(totalCost)),
  ]
}

function rowColumns(root: PlanNode): readonly Column[] {
  const factors = misestimates(root)
  const off: Column = {
    head: 'off',
    cell(node) {
      const factor = factors.get(node) ?? 1
      return factor > OFF ? {text: `×${compact(Math.round(factor))}`, tone: factor > FAR_OFF ? 'hot' : 'warm'} : NOTHING
    },
  }
  return [
    {head: 'rows', cell: (node) => wasReached(node, {text: compact(node.actualRows ?? 0), tone: 'plain'})},
    column('planned', ({estimatedRows}) => compact(estimatedRows)),
    ...([...factors.values()].some((factor) => factor > OFF) ? [off] : []),
  ]
}

function column(head: string, text: (node: PlanNode) => string, tone: Tone = 'plain'): Column {
  return {head, cell: (node) => ({text: text(node), tone: text(node) === '0' ? 'plain' : tone})}
}

/** A node that was planned and never came to run has no figures. */
function wasReached(node: PlanNode, span: Span): Span {
  return node.loops === 0 ? {text: '–', tone: 'dim'} : span
}

/** Bands of explain.depesz.com and pgAdmin. */
function bandOf(share: number): Tone {
  if (share > 0.5) return 'hot'
  return share > 0.1 ? 'warm' : 'plain'
}

/** Three digits, from microseconds on: `0.004`, `1.25`, `41.2`, `1,204`. */
function millis(ms: number): string {
  if (ms >= 99.95) return Math.round(ms).toLocaleString('en-US')
  return ms.toFixed(ms >= 9.995 ? 1 : ms >= 0.9995 ? 2 : 3)
}

const short = new Intl.NumberFormat('en-US', {notation: 'compact', maximumSignificantDigits: 3})
const exact = new Intl.NumberFormat('en-US', {maximumFractionDigits: 0})
const fraction = new Intl.NumberFormat('en-US', {maximumFractionDigits: 2})

/** `0.33`, `9,999`, `12.3K`, `1M`. */
function compact(count: number): string {
  if (count < 10) return fraction.format(count)
  return (count < 10_000 ? exact : short).format(count)
}

/** Right-aligned cells of all columns; `widths` are theirs. */
export function cellsLine(cells: readonly Span[], widths: readonly number[]): Line {
  return lineOf(
    ...cells.flatMap(({text, tone}, n): Span[] => [
      {text: ' '.repeat(Math.max(0, (widths[n] ?? 0) - text.length) + (n === 0 ? 0 : GAP)), tone: 'plain'},
      {text, tone},
    ]),
  )
}

export const GAP = 2
