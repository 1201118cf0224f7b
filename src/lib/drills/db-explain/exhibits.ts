/** What is shown under the table: the statements to apply, each slow query's plan before and after, and what was turned down. Pure. */
import {formatDuration} from '../../base/format-units.js'
import {lineOf, type Exhibit, type Line, type Tone} from '../../metrics/exhibit.js'
import {ddlOf} from './advice/ddl.js'
import type {Look} from './facts.js'
import {FinalNames} from './final-names.js'
import {alternatives, alternativeText, ddlToApply, rejected, unindexable, type Findings} from './findings.js'
import type {DbExplainPlan} from './plan.js'
import {planLines} from './plans/plan-lines.js'
import {slowestOf} from './slowest.js'

/** More of them say no more. */
const MOST_REJECTED = 20

export function exhibitsOf(plan: Pick<DbExplainPlan, 'showsLiterals' | 'level'>, found: Findings): readonly Exhibit[] {
  return [
    ...section('how far this goes', levelLines(plan, found)),
    ...section(
      'to apply',
      ddlToApply(found)
        .flatMap(({ddl, why}) => [text(`-- ${why}`, 'dim'), text(`${ddl};`, 'good')])
        .concat(alternatives(found).map((one) => text(`-- ${alternativeText(one)}`, 'dim'))),
    ),
    ...found.looks.filter(({slow}) => slow).flatMap((look) => plansOf(look, plan, found)),
    ...section(
      'no index helps',
      unindexable(found).map(({query, why}) => text(`${query}: ${why}`)),
    ),
    ...section('not taken', rejectedLines(found)),
    ...section(
      'skipped',
      found.skipped.map(({name, place, reason}) =>
        text(`${name}${place === undefined ? '' : ` (line ${place.line}, column ${place.column})`}: ${reason}`),
      ),
    ),
    ...section(
      'also',
      found.checked.flatMap(({sentences}) => sentences.map((sentence) => text(sentence))),
    ),
    ...section(
      'the copy',
      (found.copy?.notes ?? [])
        .concat(found.copy?.notCopied.map(({what, why}) => `${what} was not copied: ${why}`) ?? [])
        .map((sentence) => text(sentence)),
    ),
  ]
}

/** Whoever reads advice must know whether it was tried. */
function levelLines({level}: Pick<DbExplainPlan, 'level'>, {proof}: Findings): Line[] {
  if (level !== 'read') return []
  const planned =
    proof === undefined ? 'what is advised was not tried' : 'HypoPG let the planner choose what is advised'
  return [
    text(`The target was only read: ${planned}, and no speed-up is claimed. --copy or --allow-ddl would prove it.`),
  ]
}

function plansOf(
  {query, plans, timeMs}: Look,
  {showsLiterals}: Pick<DbExplainPlan, 'showsLiterals'>,
  {proof}: Findings,
): Exhibit[] {
  const before = plans[slowestOf(plans)]
  const after = proof?.plansAfter.get(query.name)
  const names = new FinalNames(proof?.choice.chosen ?? [])
  const literals = showsLiterals
  if (before === undefined) return []
  const takes = query.givenUpMs === undefined ? formatDuration(timeMs) : `more than ${formatDuration(timeMs)}`
  const planned = before.executionMs === undefined ? ' (planned only)' : ''
  const now = {
    title: `now, ${takes} a call${planned}`,
    group: query.name,
    lines: planLines(before, {literals}),
  }
  if (after === undefined || after.shape === before.shape) return [now]
  const title = 'with the new indexes'
  const lines = planLines(names.inPlan(after), {literals, newIndexes: names.newIn(after)})
  return [now, {title, group: query.name, lines}]
}

function rejectedLines(found: Findings): Line[] {
  const all = rejected(found)
  const shown = all.slice(0, MOST_REJECTED).map(({design, reason}) => text(`${ddlOf(design)}: ${reason}`))
  return all.length > shown.length
    ? [...shown, text(`and ${all.length - shown.length} more, in the JSON report`, 'dim')]
    : shown
}

function section(title: string, lines: readonly Line[]): Exhibit[] {
  return lines.length === 0 ? [] : [{title, lines}]
}

function text(words: string, tone: Tone = 'plain'): Line {
  return lineOf({text: words, tone})
}
