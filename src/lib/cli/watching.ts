/** Watches systems while a drill runs, and adds what they told to what the drill measured. */
import type {Clock} from '../base/clock.js'
import type {Ms} from '../base/units.js'
import type {CommonInput, FactsFrame, PlanFrame} from '../drills/drill.js'
import type {Checked} from '../verdict/finding.js'
import {movedWith, type Mover} from '../verdict/moved-with.js'
import type {WatchFacts} from '../watch/facts.js'
import {resourceSeries, watchMeasurements, watchSeries} from '../watch/metrics.js'
import {practiceWatches} from '../watch/practice-watches.js'
import type {WatchSpec} from '../watch/spec.js'
import {watchSummary} from '../watch/summary.js'
import {watchThresholds} from '../watch/thresholds.js'
import type {OpenedTarget} from './open-target.js'

/** The practice target's parts, by kind: who they are is known when it has started. */
const PRACTICE_KINDS = [{kind: 'process'}, {kind: 'redis'}, {kind: 'postgres'}] as const

/** A search judges what it found; a system that is busy at its limit is no news there. */
export function withWatchThresholds<Plan extends PlanFrame>(
  plan: Plan,
  {watch, targets}: Pick<CommonInput, 'watch' | 'targets'>,
): Plan {
  const unasked = watchesPractice(plan, targets) ? PRACTICE_KINDS : []
  const thresholds = plan.levelThresholds ? [] : watchThresholds([...watch, ...unasked])
  return thresholds.length === 0 ? plan : Object.freeze({...plan, thresholds: [...plan.thresholds, ...thresholds]})
}

function watchesPractice({practice}: PlanFrame, targets: readonly string[]): boolean {
  return targets.length === 0 && practice.watched === true
}

export interface Watching {
  /** Ends it; undefined in a run that watches nothing. */
  stop(originMs: Ms): Promise<WatchFacts | undefined>
}

interface Around {
  readonly opened: OpenedTarget
  readonly clock: Clock
  readonly signal: AbortSignal
}

/** Tries each system once. Throws a TargetError for one that does not answer. */
export async function beginWatching(
  plan: PlanFrame,
  {watch, targets, tls}: Pick<CommonInput, 'watch' | 'targets' | 'tls'>,
  {opened, clock, signal}: Around,
): Promise<Watching & AsyncDisposable> {
  const own: readonly WatchSpec[] = watchesPractice(plan, targets) ? practiceWatches(opened.ground) : []
  const specs = [...watch, ...own]
  if (specs.length === 0)
    return {stop: () => Promise.resolve(undefined), [Symbol.asyncDispose]: () => Promise.resolve()}
  const {startWatch} = await import('../watch/watch.js')
  const successor = (name: string): number | undefined => opened.ground.nodes.find((node) => node.name === name)?.pid
  return await startWatch(specs, {clock, signal, certificates: tls, successor})
}

export interface Watched<Facts> {
  readonly facts: Facts
  readonly checked: Checked
  readonly movers: readonly Mover[]
}

/** What the drill brought home, with the watched resources beside it. */
export function withWatched<Facts extends FactsFrame>(
  {facts, checked}: {facts: Facts; checked: Checked},
  watched: WatchFacts | undefined,
  latency: string,
): Watched<Facts> {
  if (watched === undefined) return {facts, checked, movers: []}
  const column = facts.series[latency]
  const movers = column?.type === 'distribution' ? movedWith(column.p99, resourceSeries(watched)) : []
  return {
    facts: {
      ...facts,
      series: {...facts.series, ...watchSeries(watched)},
      evidence: {...facts.evidence, watched: watchSummary(watched, facts.phases)},
    },
    checked: {...checked, metrics: {...checked.metrics, ...watchMeasurements(watched, facts.phases)}},
    movers,
  }
}
