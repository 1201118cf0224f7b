/** The rows of the threshold table: each finding as text, one cell a column. */
import {formatCount, formatShare, formatValue} from '../base/format-units.js'
import {zeroShareBound} from '../verdict/intervals.js'
import type {Paint} from './paint.js'
import type {ReportFinding} from './schema.js'

export const THRESHOLD_COLUMNS = ['Threshold', 'Target', 'Observed', 'Tried on', 'Margin', 'Verdict'] as const

export function thresholdRow(finding: ReportFinding, paint: Paint): string[] {
  const {left, target} = split(finding)
  return spaced([left, target, observed(finding), triedOn(finding), margin(finding), verdictCell(finding, paint)])
}

/** Two spaces between columns, but one after the observed figure, so that it reads on: `0 of 40,000 deliveries`. */
export function spaced(cells: readonly string[]): string[] {
  return cells.map((cell, column) => (column === OBSERVED_COLUMN || column === cells.length - 1 ? cell : `${cell} `))
}

const OBSERVED_COLUMN = THRESHOLD_COLUMNS.indexOf('Observed')

const COMPARISON = /^(?<left>.+?) (?<operator><=|>=|==|!=|<|>) (?<bound>\S+)(?: during (?<phase>\S+))?$/

/** The left side with its phase on a line of its own, and what it is held against; a threshold in another form stands as it is. */
function split(finding: ReportFinding): {left: string; target: string} {
  const parts = COMPARISON.exec(finding.threshold)?.groups
  if (parts === undefined) return {left: finding.threshold, target: formatValue(finding.bound, finding.unit)}
  const phase = parts['phase'] === undefined ? '' : `\n  during ${parts['phase']}`
  const operator = parts['operator'] ?? ''
  return {left: (parts['left'] ?? '') + phase, target: `${operator} ${formatValue(finding.bound, finding.unit)}`}
}

function observed(finding: ReportFinding): string {
  return finding.observed === undefined ? '–' : formatValue(finding.observed, finding.unit)
}

/** Reads on from the observed figure: `0` `of 40,000 deliveries`; `38.2 ms` `of 4,000 samples`. */
function triedOn(finding: ReportFinding): string {
  if (finding.exposure !== undefined) return `of ${formatCount(finding.exposure)} ${finding.exposedTo ?? 'tried'}`
  if (finding.samples === undefined) return ''
  const noun = finding.exposedTo ?? (finding.samples === 1 ? 'sample' : 'samples')
  return `of ${formatCount(finding.samples)} ${noun}${boundOfNothing(finding)}`
}

/** A share of zero is only known up to its bound: ` (< 0.30 %)`. */
function boundOfNothing({observed, unit, samples}: ReportFinding): string {
  return observed === 0 && unit === 'share' && samples !== undefined
    ? ` (< ${formatShare(zeroShareBound(samples))})`
    : ''
}

function margin(finding: ReportFinding): string {
  // Nothing is a share of zero.
  if (finding.margin === undefined || finding.bound === 0) return ''
  const sign = finding.margin > 0 ? '+' : finding.margin < 0 ? '−' : ''
  const size = Math.abs(finding.margin)
  if (size >= 10) return `${sign}>999 %`
  return sign + (size < 0.1 ? formatShare(Number(size.toPrecision(2))) : `${Math.floor(size * 100)} %`)
}

function verdictCell(finding: ReportFinding, paint: Paint): string {
  if (finding.verdict === 'pass') return paint.good('pass')
  if (finding.warn) return paint.doubtful('warn')
  return finding.verdict === 'fail' ? paint.bad('FAIL') : paint.doubtful('inconclusive')
}
