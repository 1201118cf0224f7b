/** What each fault did, before, during and after it side by side. */
import Table from 'cli-table3'
import {formatCount, formatDuration, formatRate, formatShare} from '../base/format-units.js'
import type {Paint} from './paint.js'
import {PLAIN_TABLE, trimEnds} from './plain-table.js'
import type {Report, ReportFault} from './schema.js'
import {labelled} from './wrap.js'

type Effect = NonNullable<ReportFault['effect']>
type Side = Effect['before']
type Row = readonly [name: string, cell: (side: NonNullable<Side>) => string]

const SIDES = ['before', 'during', 'after'] as const
const NOTHING = '–'

const ROWS: readonly Row[] = [
  ['successes', ({successesPerSecond}) => formatRate(successesPerSecond)],
  ['latency p99', ({latencyP99Ms}) => (latencyP99Ms === null ? NOTHING : formatDuration(latencyP99Ms))],
  ['availability', ({outcomes}) => availability(outcomes)],
  ['lost', ({lost}) => formatCount(lost)],
  ['cut off', ({cutOff}) => formatCount(cutOff)],
]

/** One block a fault; none for a run without faults. */
export function faultBlocks(report: Report, paint: Paint): string[] {
  return report.faults.map((fault) => {
    const {effect, evidence} = fault
    const counted = Object.entries(evidence).map(([name, value]) => `${inWords(name)} ${value}`)
    const words = [end(fault), ...(effect === null ? [] : consequences(effect)), counted.join(' · ')]
    const lines = [
      paint.strong(`Fault ${fault.text}`),
      ...(effect === null ? [] : [sideBySide(effect, paint)]),
      ...words.filter((line) => line !== '').flatMap((line) => labelled('  ', 2, line)),
    ]
    return `${lines.join('\n')}\n`
  })
}

function sideBySide(effect: Effect, paint: Paint): string {
  const table = new Table({...PLAIN_TABLE, colAligns: ['left', 'right', 'right', 'right']})
  table.push(['', ...SIDES.map((side) => `  ${side}`)].map((name) => paint.dim(name)))
  for (const [name, cell] of ROWS) {
    table.push([`  ${name}`, ...SIDES.map((side) => `  ${effect[side] === null ? NOTHING : cell(effect[side])}`)])
  }
  return trimEnds(table.toString())
}

/** Between what certainly succeeded and what may have. */
function availability({ok, failed, unknown}: Effect['outcomes']): string {
  const all = ok + failed + unknown
  if (all === 0) return NOTHING
  const [low, high] = [formatShare(ok / all), formatShare((ok + unknown) / all)]
  return low === high ? low : `${low} to ${high}`
}

/** How it ended. */
function end({outcome, trouble, recovery}: ReportFault): string {
  if (trouble !== undefined) return `${outcome}: ${trouble}`
  if (outcome !== 'reverted') return outcome
  if (recovery?.state === 'seen') return `recovered ${formatDuration(recovery.afterMs)} after the revert`
  return recovery?.why ?? outcome
}

/** A line on what it cost, and one on the users that it cut off. */
function consequences({firstErrorMs, lost, recovered, duplicated, returning}: Effect): string[] {
  const {cutOff, attemptPeak100Ms, attemptPeak1s, back50Ms, back95Ms, back100Ms} = returning
  const times = [back50Ms, back95Ms, back100Ms].map((time) => (time === null ? 'never' : formatDuration(time)))
  const cost = [
    firstErrorMs === null ? 'no error' : `first error after ${formatDuration(firstErrorMs)}`,
    `${formatCount(lost)} lost${lost === 0 ? '' : ` (${formatCount(recovered)} in the history)`}`,
    `${formatCount(duplicated)} duplicated`,
  ]
  const back = `${formatCount(cutOff)} cut off, 50/95/100 % back after ${times.join(', ')}`
  const peak = `at most ${formatCount(attemptPeak100Ms)} attempts in 100 ms, ${formatCount(attemptPeak1s)} in 1 s`
  return [cost.join(' · '), ...(cutOff === 0 ? [] : [`${back} · ${peak}`])]
}

/** `droppedBytes` reads as `dropped bytes`. */
function inWords(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
}
