/** The top of the page: the verdict, each threshold with why it is not a pass, and what to doubt. */
import {formatDuration, formatValue} from '../../base/format-units.js'
import {verdictSentence} from '../headline.js'
import {noPaint} from '../paint.js'
import type {Report, ReportFinding} from '../schema.js'
import {THRESHOLD_COLUMNS, thresholdRow} from '../threshold-rows.js'
import {html, NOTHING, type Markup} from './markup.js'

export function verdictPart(report: Report): Markup {
  const {verdict, drill, seed, tool, startedAt, durationMs, interruptedBy} = report
  const end = interruptedBy === undefined ? '' : `, interrupted by ${interruptedBy}`
  const run = `${startedAt} · ${formatDuration(durationMs)}${end} · seed ${seed} · ${tool.name} ${tool.version}`
  return html`<header>
    <h1>${drill}</h1>
    <p class="verdict ${verdict}"><strong>${verdict.toUpperCase()}</strong> <span>${verdictSentence(report)}</span></p>
    <p class="soft">${report.target.description}<br />${run}</p>
  </header> `
}

/** Columns that hold figures. */
const NUMBERS = new Set(['Observed', 'Margin'])

export function thresholdPart({findings}: Report): Markup {
  if (findings.length === 0) return NOTHING
  const heads = [...THRESHOLD_COLUMNS, 'Why'].map((name) => html`<th scope="col" class="${classOf(name)}">${name}</th>`)
  return html`<section>
    <h2>Thresholds</h2>
    <div class="wide">
      <table class="thresholds">
        <thead>
          <tr>
            ${heads}
          </tr>
        </thead>
        <tbody>
          ${findings.map(row)}
        </tbody>
      </table>
    </div>
  </section> `
}

function row(finding: ReportFinding): Markup {
  const cells = thresholdRow(finding, noPaint).map((cell) => cell.trim().replaceAll(/\s*\n\s*/g, ' '))
  const [threshold = '', ...figures] = cells
  const verdict = cells.at(-1) ?? ''
  const columns = figures.slice(0, -1).map((cell, n) => figure(cell, THRESHOLD_COLUMNS[n + 1] ?? ''))
  return html`<tr>
    <th scope="row"><code>${threshold}</code></th>
    ${columns}
    <td class="${toneOf(finding)}">${verdict}</td>
    <td class="why">${whyOf(finding)}</td>
  </tr> `
}

/** Named once more, for a narrow screen, where there is no head above it. */
function figure(text: string, name: string): Markup {
  return text === '' ? html`<td></td>` : html`<td class="${classOf(name)}" data-name="${name}">${text}</td>`
}

function classOf(column: string): string {
  return NUMBERS.has(column) ? 'number' : 'text'
}

function toneOf({verdict, warn}: ReportFinding): string {
  return verdict !== 'pass' && warn ? 'warned' : verdict
}

/** With the interval, so that a reader sees how far the figure can be trusted. */
function whyOf({why, interval, unit}: ReportFinding): string {
  const bounds = interval?.map((bound) => formatValue(bound, unit)).join(' to ')
  return [why, bounds === undefined ? undefined : `95 % interval ${bounds}`]
    .filter((text) => text !== undefined)
    .join('; ')
}

export function doubtPart({doubts}: Report): Markup {
  if (doubts.length === 0) return NOTHING
  const items = doubts.map(({why, advice}) => html`<li>${why}; <em>${advice}</em></li> `)
  return html`<section>
    <h2>Doubts</h2>
    <ul>
      ${items}
    </ul>
  </section> `
}
