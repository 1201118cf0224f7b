/** The last line of a report: the verdict in one breath. */
import {formatDuration, formatValue} from '../base/format-units.js'
import type {Paint} from './paint.js'
import type {Report, ReportFinding} from './schema.js'

/** `PASS  9 of 9 thresholds held · seed k3x9 · 41.2 s` */
export function headline(report: Report, paint: Paint): string {
  const parts = [verdictSentence(report), `seed ${report.seed}`, formatDuration(report.durationMs)]
  if (report.interruptedBy !== undefined) parts.push(`interrupted by ${report.interruptedBy}`)
  return `${badge(report, paint)}  ${parts.join(' · ')}`
}

function badge(report: Report, paint: Paint): string {
  switch (report.verdict) {
    case 'pass':
      return paint.strong(paint.good('PASS'))
    case 'fail':
      return paint.bad('FAIL')
    case 'inconclusive':
      return paint.strong(paint.doubtful('INCONCLUSIVE'))
  }
}

/** `3 of 3 thresholds held`. */
export function verdictSentence(report: Report): string {
  if (report.stopped !== undefined) return stoppedBy(report.stopped)
  const binding = report.findings.filter((finding) => !finding.warn)
  const broken = binding.filter((finding) => finding.verdict === 'fail')
  const open = binding.filter((finding) => finding.verdict === 'inconclusive')
  const all = `${binding.length} ${binding.length === 1 ? 'threshold' : 'thresholds'}`
  if (broken.length > 0) return `${broken.length} of ${all} broken: ${names(broken)}`
  if (open.length > 0) return `${open.length} of ${all} could not be decided: ${names(open)}`
  return report.verdict === 'pass'
    ? `${binding.length} of ${all} held`
    : `${binding.length} of ${all} held, yet the run proves nothing`
}

function stoppedBy({condition, observed, unit, atMs}: NonNullable<Report['stopped']>): string {
  return `stopped: ${condition} came true (${formatValue(observed, unit)} at ${formatDuration(atMs)})`
}

const NAMED = 3

function names(findings: readonly ReportFinding[]): string {
  const distinct = [...new Set(findings.map((finding) => finding.metric))]
  const rest = distinct.length - NAMED
  return distinct.slice(0, NAMED).join(', ') + (rest > 0 ? ` and ${rest} more` : '')
}
