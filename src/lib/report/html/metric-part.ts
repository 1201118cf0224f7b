/** Every metric of the run, and of each of its tags, folded away until somebody asks. */
import {formatCount, formatValue} from '../../base/format-units.js'
import type {Report, ReportMetric} from '../schema.js'
import {html, NOTHING, type Markup} from './markup.js'

export function metricPart({metrics}: Report): Markup {
  const entries = Object.entries(metrics)
  if (entries.length === 0) return NOTHING
  return html`<section>
    <details>
      <summary>All metrics</summary>
      <div class="wide">
        <table>
          <thead>
            <tr>
              <th scope="col">Metric</th>
              <th scope="col">Value</th>
              <th scope="col">Meaning</th>
            </tr>
          </thead>
          <tbody>
            ${entries.map(([name, metric]) => metricRows(name, metric))}
          </tbody>
        </table>
      </div>
    </details>
  </section> `
}

function metricRows(name: string, metric: ReportMetric): Markup {
  const tagged = Object.keys(metric.byTag).map(
    (tag) =>
      html`<tr>
        <td><code>${name}{${tag}}</code></td>
        <td>${figuresOf(metric, tag)}</td>
        <td></td>
      </tr> `,
  )
  return html`<tr>
      <th scope="row"><code>${name}</code></th>
      <td>${figuresOf(metric)}</td>
      <td class="soft">${metric.meaning}</td>
    </tr>
    ${tagged}`
}

/** Over the whole run, or of one tag. */
function figuresOf(metric: ReportMetric, tag?: string): string {
  const {unit} = metric
  const write = (value: number | null) => (value === null ? '–' : formatValue(value, unit))
  switch (metric.type) {
    case 'distribution':
      return spread(cutOf(metric, tag), write)
    case 'counter':
      return counted(cutOf(metric, tag), write, metric.exposedTo)
    case 'gauge':
      return write(cutOf(metric, tag).value)
    case 'share': {
      const {value, hits, trials} = cutOf(metric, tag)
      return `${write(value)} (${formatCount(hits)} of ${formatCount(trials)})`
    }
  }
}

type Write = (value: number | null) => string

function spread(
  {p50, p95, p99, max, count}: Record<'p50' | 'p95' | 'p99' | 'max', number | null> & {count: number},
  write: Write,
) {
  const figures = [`p50 ${write(p50)}`, `p95 ${write(p95)}`, `p99 ${write(p99)}`, `max ${write(max)}`]
  return [...figures, `${formatCount(count)} ${count === 1 ? 'sample' : 'samples'}`].join(' · ')
}

function counted(
  {value, exposure}: {value: number; exposure?: number | undefined},
  write: Write,
  noun = 'tried',
): string {
  return exposure === undefined ? write(value) : `${write(value)} of ${formatCount(exposure)} ${noun}`
}

function cutOf<Figures>(
  metric: NoInfer<Figures> & {readonly byTag: Readonly<Record<string, Figures>>},
  tag?: string,
): Figures {
  return (tag === undefined ? undefined : metric.byTag[tag]) ?? metric
}
