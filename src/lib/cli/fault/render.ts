/** What became of a fault, and of what earlier runs left, as people read it. */
import {formatCount, formatDuration} from '../../base/format-units.js'
import {redact} from '../../base/redact.js'
import type {RecoveredFault, RecoveredRun} from '../../faults/journal/recover.js'
import type {Paint} from '../../report/paint.js'
import {labelled} from '../../report/wrap.js'
import type {Disturbance} from './disturb.js'
import type {Recovery} from './recover.js'

const LABEL = 11

/** Ends with a line break. */
export function renderDisturbance(done: Disturbance, paint: Paint): string {
  const evidence = Object.entries(done.evidence).map(([name, value]) => `${words(name)} ${figure(value)}`)
  const rows: readonly (readonly [label: string, text: string])[] = [
    ['Fault', done.fault],
    ['Server', done.server],
    [done.outcome === 'planned' ? 'Would hit' : 'Hit', done.hits],
    ...(evidence.length === 0 ? [] : [['Counted', evidence.join(' · ')] as const]),
  ]
  const lines = rows.flatMap(([label, text]) => labelled(paint.dim(label.padEnd(LABEL)), LABEL, redact(text)))
  return `${[...lines, '', outcomeOf(done, paint)].join('\n')}\n`
}

function outcomeOf(done: Disturbance, paint: Paint): string {
  const {outcome, activeMs, trouble} = done
  const why = trouble === null ? '' : `: ${redact(trouble)}`
  if (outcome === 'planned') return `${paint.strong('DRY RUN')}  nothing was harmed`
  if (outcome === 'reverted' && done.class === 'one-shot')
    return `${paint.strong(paint.good('DONE'))}  it was over at once, and nothing is left to put back`
  if (outcome === 'reverted') {
    const length = activeMs === null ? '' : ` after ${formatDuration(activeMs)}`
    return `${paint.strong(paint.good('REVERTED'))}  everything is as it was${length}`
  }
  if (outcome === 'not injected') return `${paint.bad('NOT INJECTED')}${why}`
  return `${paint.bad('NOT REVERTED')}${why}; put it back with 'proofload fault recover'`
}

/** `leakedOperations` → `leaked operations`. */
function words(name: string): string {
  return name.replaceAll(/([a-z])([A-Z])/g, '$1 $2').toLowerCase()
}

function figure(value: number | string): string {
  return typeof value === 'number' ? formatCount(value) : redact(value)
}

/** Ends with a line break. */
export function renderRecovery({runs, unlocked, stateDirectory, exitCode}: Recovery, paint: Paint): string {
  const lines = runs.flatMap((run) => runLines(run, paint))
  const locks = unlocked.length === 0 ? [] : [paint.dim(`unlocked: ${unlocked.join(', ')}`)]
  const alive = runs.some((run) => run.alive)
  const end =
    exitCode !== 0
      ? `${paint.bad('LEFT')}  something is not put back`
      : `${paint.strong(paint.good('CLEAN'))}  ${alive ? 'nothing is left but what still runs' : `nothing is left in ${stateDirectory}`}`
  return `${[...lines, ...locks, end].join('\n')}\n`
}

function runLines(run: RecoveredRun, paint: Paint): string[] {
  const head = `${run.since}  ${run.command} (process ${run.process})`
  if (run.alive) return [`${head}: still runs, and puts its own faults back`]
  return [head, ...run.faults.flatMap((fault) => faultLines(fault, paint))]
}

function faultLines({fault, server, outcome, trouble}: RecoveredFault, paint: Paint): string[] {
  const state = outcome === 'by itself' ? 'ended by itself' : outcome
  const cell = `  ${state.padEnd(16)}`
  const why = trouble === undefined ? '' : `: ${trouble}`
  return labelled(
    outcome === 'not reverted' ? paint.bad(cell) : paint.good(cell),
    cell.length,
    `${fault} on ${server}${why}`,
  )
}
