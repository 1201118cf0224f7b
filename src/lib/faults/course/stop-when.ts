/** Conditions that stop a run: thresholds turned round, held against the live figures once a second. */
import {UsageError} from '../../base/errors.js'
import type {Ms} from '../../base/units.js'
import type {Figures} from '../../metrics/cells.js'
import type {MetricCatalogue, Unit} from '../../metrics/metric.js'
import {eachOf} from '../../verdict/tag-match.js'
import {checkThreshold} from '../../verdict/threshold-check.js'
import {parseThreshold} from '../../verdict/threshold-parser.js'
import {formatThreshold, unitOf, type Threshold} from '../../verdict/threshold.js'
import {keeps, valueIn} from './rules.js'

/** Why a run was stopped. */
export interface Stopped {
  readonly condition: string
  readonly observed: number
  readonly unit: Unit
  /** From the run's start. */
  readonly atMs: Ms
}

/** Throws a UsageError for what could not be asked of this drill, or only when it is over. */
export function readStopWhen(text: string, catalogue: MetricCatalogue, phases: readonly string[]): Threshold {
  const condition = parseThreshold(text)
  checkThreshold(condition, catalogue, phases)
  const refuse = (why: string) => new UsageError(`--stop-when '${text}': ${why}`)
  if (condition.warn) throw refuse("'warn:' makes no sense here: it stops the run or it does not")
  const definition = catalogue[condition.metric]
  if (definition?.known === 'end' || definition?.type === 'share')
    throw refuse(`'${condition.metric}' is only known when the run is over`)
  return condition
}

/** The live figures at the end of a second. */
export interface Live {
  /** Of the whole run so far. */
  readonly total: Figures
  /** Of the last whole second. */
  readonly second: Figures
  readonly atMs: Ms
  /** The phases that lie in that second, whole or in part. */
  readonly phases: readonly string[]
}

/** Before and after the load. */
const QUIET: ReadonlySet<string> = new Set(['ramp', 'drain'])

/** The first condition that is true. */
export function stoppedBy(
  conditions: readonly Threshold[],
  live: Live,
  catalogue: MetricCatalogue,
): Stopped | undefined {
  for (const condition of conditions) {
    const observed = observedIn(condition, live, catalogue)
    const definition = catalogue[condition.metric]
    if (observed === undefined || definition === undefined) continue
    return {condition: formatThreshold(condition), observed, unit: unitOf(condition, definition), atMs: live.atMs}
  }
  return undefined
}

/** Counters by their total, gauges by their newest value, rates and distributions by the last whole second; undefined where it is not true. */
function observedIn(condition: Threshold, live: Live, catalogue: MetricCatalogue): number | undefined {
  const definition = catalogue[condition.metric]
  if (definition === undefined) return undefined
  const {aggregate, phase, operator} = condition
  if (aggregate === 'rate' && !operator.startsWith('>') && !isUnderLoad(live, phase)) return undefined
  const figures = definition.type === 'counter' && aggregate === undefined ? live.total : live.second
  const covers = (name: string): boolean => phase === undefined || name === phase
  const slices = [
    ...figures.counterSlices(condition.metric),
    ...figures.distributionSlices(condition.metric),
    ...figures.gaugeSlices(condition.metric),
  ]
  for (const row of eachOf(condition, slices)) {
    const value = valueIn(figures, row, definition, covers)
    if (value !== undefined && keeps(row, definition, value)) return value
  }
  return undefined
}

/** A rate that has not begun, or that is cut off by the end of its phase, is not low. */
function isUnderLoad({phases}: Live, wanted: string | undefined): boolean {
  if (phases.length === 0) return false
  return phases.every((name) => (wanted === undefined ? !QUIET.has(name) : name === wanted))
}
