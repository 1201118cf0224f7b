/** Draws what a search found: a line for each level, its first figure as a bar, and the knee in words. */
import {formatValue} from '../base/format-units.js'
import type {Paint} from './paint.js'
import type {ReportCurve} from './schema.js'
import {labelled} from './wrap.js'

type Point = ReportCurve['points'][number]

/** Cells that the longest bar fills. */
const BAR = 30
/** Parts of a cell, in eighths: Unicode block elements. */
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉']
const KNEE = 'Knee       '

/** Lines of at most 100 columns; none when no level was finished. */
export function renderChart(curve: ReportCurve, paint: Paint): string[] {
  if (curve.points.length === 0) return []
  const rows = curve.points.map((point) => cellsOf(curve, point))
  const heads = [curve.x.name, ...curve.columns.map(({name}) => name), '']
  const widths = heads.map((head, column) => Math.max(head.length, ...rows.map((row) => (row[column] ?? '').length)))
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => (column === 1 ? cell.padEnd(widths[1] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .slice(0, -1)
      .join('  ')
  return [
    paint.dim(line(heads)),
    ...curve.points.map((point, n) => `${line(rows[n] ?? [])}  ${outcome(point, paint)}`),
    ...labelled(paint.dim(KNEE), KNEE.length, curve.knee),
  ]
}

function cellsOf({x, columns, points}: ReportCurve, point: Point): string[] {
  const figures = columns.map(({unit}, column) => {
    const value = point.values[column] ?? null
    return value === null ? '–' : formatValue(value, unit)
  })
  const [first = '', ...rest] = figures
  const largest = Math.max(...points.map(({values}) => values[0] ?? 0))
  return [formatValue(point.x, x.unit), `${bar((point.values[0] ?? 0) / largest)} ${first}`, ...rest, '']
}

/** `share` of the longest bar, to an eighth of a cell; whatever is there at all can be seen. */
function bar(share: number): string {
  const eighths = Number.isFinite(share) ? Math.max(1, Math.round(share * BAR * EIGHTHS.length)) : 1
  return '█'.repeat(Math.floor(eighths / EIGHTHS.length)) + (EIGHTHS[eighths % EIGHTHS.length] ?? '')
}

function outcome({outcome: word}: Point, paint: Paint): string {
  switch (word) {
    case 'held':
      return paint.good('held')
    case 'broke':
      return paint.bad('broke')
    case 'strained':
      return paint.doubtful('our own limit')
  }
}
