/** The report as people read it: thresholds first, then what stood behind them, what to try next, and the verdict last. */
import Table from 'cli-table3'
import {generatorText, phasesText, targetText} from './background.js'
import {renderChart} from './chart.js'
import {exhibitBlocks} from './exhibit-block.js'
import {faultBlocks} from './fault-block.js'
import {headline} from './headline.js'
import {nextSteps} from './next-steps.js'
import {noPaint, type Paint} from './paint.js'
import {PLAIN_TABLE, trimEnds} from './plain-table.js'
import type {Report, ReportFinding} from './schema.js'
import {spaced, THRESHOLD_COLUMNS, thresholdRow} from './threshold-rows.js'
import {labelled} from './wrap.js'

/** Fits 100 columns as long as metric names do; ends with a line break. */
export function renderTable(report: Report, paint: Paint = noPaint): string {
  const blocks = [
    thresholdTable(report, paint),
    reasons(report, paint),
    ...exhibitBlocks(report, paint),
    ...faultBlocks(report, paint),
    report.curve === undefined ? '' : `${renderChart(report.curve, paint).join('\n')}\n`,
    background(report, paint),
    advice(report, paint),
  ]
  return ['', ...blocks.filter((block) => block !== ''), headline(report, paint), ''].join('\n')
}

function thresholdTable(report: Report, paint: Paint): string {
  const table = new Table({...PLAIN_TABLE, colAligns: ['left', 'left', 'right', 'left', 'right', 'left']})
  table.push(spaced(THRESHOLD_COLUMNS).map((name) => paint.dim(name)))
  for (const finding of report.findings) table.push(thresholdRow(finding, paint))
  return `${trimEnds(table.toString())}\n`
}

/** Why a row is not a pass, or is one without a figure: it needs more words than a cell has. */
function reasons(report: Report, paint: Paint): string {
  const lines = report.findings.flatMap((finding) => {
    if (finding.why === undefined) return []
    return labelled(`${markOf(finding, paint)} `, 2, `${finding.threshold}: ${finding.why}`)
  })
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`
}

function markOf({verdict, warn}: ReportFinding, paint: Paint): string {
  if (verdict === 'pass') return paint.good('✓')
  return verdict === 'fail' && !warn ? paint.bad('✗') : paint.doubtful('?')
}

const LABEL = 11

function background(report: Report, paint: Paint): string {
  const label = (name: string) => paint.dim(name.padEnd(LABEL))
  const lines = [
    ...labelled(label('Target'), LABEL, targetText(report)),
    ...labelled(label('Phases'), LABEL, phasesText(report)),
    ...labelled(label('Generator'), LABEL, generatorText(report)),
    ...report.movedWithLatency.flatMap(({sentence}, n) => labelled(label(n === 0 ? 'Moved' : ''), LABEL, sentence)),
    ...report.doubts.flatMap((doubt) =>
      labelled(paint.doubtful('Doubt'.padEnd(LABEL)), LABEL, `${doubt.why}; ${doubt.advice}`),
    ),
  ]
  return `${lines.join('\n')}\n`
}

function advice(report: Report, paint: Paint): string {
  const lines = nextSteps(report).flatMap((step, n) =>
    labelled(paint.dim((n === 0 ? 'Next' : '').padEnd(LABEL)), LABEL, step),
  )
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`
}
