/** The whole report as one page to attach or to mail: no script, nothing loaded from anywhere, every text escaped. */
import type {Report} from '../schema.js'
import {backgroundPart, planPart} from './background-part.js'
import {curvePart, exhibitPart, faultPart} from './evidence-part.js'
import {html, Markup} from './markup.js'
import {metricPart} from './metric-part.js'
import {STYLE} from './style.js'
import {doubtPart, thresholdPart, verdictPart} from './verdict-part.js'

/** Even if a text slipped through unescaped, a browser would neither run nor load it. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"

const PARTS = [
  verdictPart,
  thresholdPart,
  doubtPart,
  exhibitPart,
  curvePart,
  faultPart,
  backgroundPart,
  metricPart,
  planPart,
] as const

/** Ends with a line break. */
export function toPage(report: Report): string {
  const parts = PARTS.map((part) => part(report))
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${POLICY}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${report.tool.name} ${report.drill}: ${report.verdict}</title>
        <style>
          ${new Markup(STYLE)}
        </style>
      </head>
      <body>
        <main>${parts}</main>
      </body>
    </html> `.text
}
