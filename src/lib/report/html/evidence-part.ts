/** The middle of the page: plans and statements, those of one group side by side; what a search found; what each fault did. */
import {formatValue} from '../../base/format-units.js'
import {faultBlocks} from '../fault-block.js'
import {noPaint} from '../paint.js'
import type {Report, ReportCurve, ReportExhibit} from '../schema.js'
import {html, NOTHING, type Markup} from './markup.js'

export function exhibitPart({exhibits = []}: Report): Markup {
  if (exhibits.length === 0) return NOTHING
  return html`<section>
    <h2>Evidence</h2>
    ${neighbours(exhibits).map(groupMarkup)}
  </section> `
}

/** Runs of one group; without a group each stands alone. */
function neighbours(exhibits: readonly ReportExhibit[]): readonly (readonly ReportExhibit[])[] {
  const runs: ReportExhibit[][] = []
  for (const exhibit of exhibits) {
    const run = runs.at(-1)
    if (exhibit.group !== undefined && run?.[0]?.group === exhibit.group) run.push(exhibit)
    else runs.push([exhibit])
  }
  return runs
}

function groupMarkup(run: readonly ReportExhibit[]): Markup {
  const group = run[0]?.group
  const head = group === undefined ? NOTHING : html`<h3>${group}</h3> `
  return html`${head}
    <div class="sides">${run.map(figure)}</div> `
}

function figure({title, lines}: ReportExhibit): Markup {
  const body = lines.map((line) => [...line.map(spanMarkup), '\n'])
  return html`<figure>
    <figcaption>${title}</figcaption>
    <pre tabindex="0">${body}</pre>
  </figure> `
}

function spanMarkup({text, tone}: ReportExhibit['lines'][number][number]): Markup {
  return tone === 'plain' ? html`${text}` : html`<span class="t-${tone}">${text}</span>`
}

export function curvePart({curve}: Report): Markup {
  if (curve === undefined) return NOTHING
  const heads = [curve.x, ...curve.columns].map(({name}) => html`<th scope="col" class="number">${name}</th>`)
  return html`<section>
    <h2>Levels</h2>
    <div class="wide">
      <table>
        <thead>
          <tr>
            ${heads}
            <th scope="col">outcome</th>
          </tr>
        </thead>
        <tbody>
          ${curve.points.map((point) => levelRow(curve, point))}
        </tbody>
      </table>
    </div>
    <p>${curve.knee}</p>
  </section> `
}

const OUTCOMES = {held: 'pass', broke: 'fail', strained: 'inconclusive'} as const

function levelRow({x, columns}: ReportCurve, point: ReportCurve['points'][number]): Markup {
  const cells = columns.map(({unit}, n) => {
    const value = point.values[n] ?? null
    return html`<td class="number">${value === null ? '–' : formatValue(value, unit)}</td>`
  })
  const outcome = point.outcome === 'strained' ? 'our own limit' : point.outcome
  const why = point.why === undefined ? '' : `: ${point.why}`
  return html`<tr>
    <th scope="row" class="number">${formatValue(point.x, x.unit)}</th>
    ${cells}
    <td><span class="${OUTCOMES[point.outcome]}">${outcome}</span>${why}</td>
  </tr> `
}

export function faultPart(report: Report): Markup {
  if (report.faults.length === 0) return NOTHING
  return html`<section>
    <h2>Faults</h2>
    <pre tabindex="0">${faultBlocks(report, noPaint).join('\n')}</pre>
  </section> `
}
