/** What `doctor` found, as people read it: area by area a line for each check, its remedy under it, and the answer last. */
import {formatCount} from '../base/format-units.js'
import type {Check, Diagnosis, PlanFit, Remedy} from './diagnosis-schema.js'
import {noPaint, type Paint} from './paint.js'
import {labelled} from './wrap.js'

const TITLES: Readonly<Record<Check['area'], string>> = {
  machine: 'This machine',
  plan: 'What it carries',
  endpoint: 'Endpoints',
  protocol: 'Protocol and credentials',
  service: 'Services behind the target',
}

const STATE_WIDTH = 9
const NAME_WIDTH = 19
const INDENT = STATE_WIDTH + NAME_WIDTH

/** Fits 100 columns, commands aside, which are never broken; ends with a line break. */
export function renderDiagnosis(diagnosis: Diagnosis, paint: Paint = noPaint): string {
  const areas = Object.keys(TITLES) as Check['area'][]
  const blocks = areas.flatMap((area) => {
    const checks = diagnosis.checks.filter((check) => check.area === area)
    if (checks.length === 0) return []
    return [[paint.strong(TITLES[area]), ...checks.flatMap((check) => rowOf(check, paint))].join('\n')]
  })
  return `\n${[...blocks, headline(diagnosis, paint)].join('\n\n')}\n`
}

function rowOf(check: Check, paint: Paint): string[] {
  const label = stateCell(check, paint) + nameCell(check.name)
  const text = check.allows === undefined ? check.value : `${check.value} · ${check.allows}`
  return [
    ...flowing(label, INDENT, text),
    ...(check.expected ?? []).flatMap((line) => aside('expected ', line, paint)),
    ...(check.seen ?? []).flatMap((line) => aside('seen     ', line, paint)),
    ...check.remedies.flatMap((remedy) => remedyLines(remedy, paint)),
  ]
}

const UNIT = / (?=(?:µs|ms|s|min|h|d|B|[KMGT]iB)(?:[ ,]|$))/g
const BOND = '\u00A0'

/** Wrapped text, in which a figure and its unit stay on one line. */
function flowing(label: string, indent: number, text: string): string[] {
  return labelled(label, indent, text.replaceAll(UNIT, BOND)).map((line) => line.replaceAll(BOND, ' '))
}

/** A name that is longer than its column keeps its distance. */
function nameCell(name: string): string {
  return name.length < NAME_WIDTH ? name.padEnd(NAME_WIDTH) : `${name}\n${' '.repeat(INDENT)}`
}

function stateCell({state}: Check, paint: Paint): string {
  const text = state.padEnd(STATE_WIDTH)
  if (state === 'ok') return paint.good(text)
  return state === 'warning' ? paint.doubtful(text) : paint.bad(text)
}

const MARK = '→ '

function remedyLines({what, command}: Remedy, paint: Paint): string[] {
  const before = ' '.repeat(INDENT) + MARK
  const lines = flowing(before, before.length, command === undefined ? what : `${what}:`)
  return command === undefined ? lines : [...lines, ' '.repeat(before.length) + paint.strong(command)]
}

function aside(label: string, text: string, paint: Paint): string[] {
  const before = ' '.repeat(INDENT)
  return flowing(before + paint.dim(label), INDENT + label.length, text)
}

/** `FITS  50,000 users against the practice target: 3 workers · 2 warnings` */
function headline({plans, asked, exitCode, problems, warnings}: Diagnosis, paint: Paint): string {
  const plan = plans.find((one) => one.with === asked.against)
  const badge = exitCode === 0 ? paint.strong(paint.good('READY')) : paint.bad('NOT READY')
  const parts = [planWords(plan, asked.against), amount(problems, 'problem'), amount(warnings, 'warning')]
  return `${badge}  ${parts.filter((part) => part !== '').join(' · ')}`
}

function planWords(plan: PlanFit | undefined, against: PlanFit['with']): string {
  if (plan === undefined) return ''
  const whom = against === 'practice' ? 'the practice target' : 'the target'
  const users = `${formatCount(plan.connections)} users against ${whom}`
  if (!plan.fits) return `${users}: do not fit`
  return `${users}: fits, ${amount(plan.workers ?? 1, 'worker')}`
}

function amount(count: number, noun: string): string {
  if (count === 0) return ''
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`
}
