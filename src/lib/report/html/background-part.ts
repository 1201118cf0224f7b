/** The end of the page: where and on what it was measured, and the plan that would repeat it. */
import {formatCount, formatSize} from '../../base/format-units.js'
import {generatorText, phasesText, targetText} from '../background.js'
import {toJsonText} from '../json.js'
import {nextSteps} from '../next-steps.js'
import type {Report} from '../schema.js'
import {html, type Markup} from './markup.js'

export function backgroundPart(report: Report): Markup {
  const {environment, movedWithLatency} = report
  const rows: readonly (readonly [name: string, text: string])[] = [
    ['Target', targetText(report)],
    ['Phases', phasesText(report)],
    ['Generator', generatorText(report)],
    ...movedWithLatency.map(({sentence}) => ['Moved', sentence] as const),
    ['Machine', `${formatCount(environment.cpus)} cores, ${formatSize(environment.memoryBytes)}, ${environment.os}`],
    ['Node.js', environment.node],
    ...nextSteps(report).map((step) => ['Next', step] as const),
  ]
  return html`<section>
    <h2>Environment</h2>
    <dl>
      ${rows.map(
        ([name, text]) =>
          html`<dt>${name}</dt>
            <dd>${text}</dd> `,
      )}
    </dl>
  </section> `
}

export function planPart({plan, facts}: Report): Markup {
  const blocks = [['Plan', plan] as const, ["The drill's own evidence", facts] as const]
  return html`<section>
    ${blocks.map(
      ([name, value]) =>
        html`<details>
          <summary>${name}</summary>
          <pre tabindex="0">${toJsonText(value)}</pre>
        </details> `,
    )}
  </section> `
}
