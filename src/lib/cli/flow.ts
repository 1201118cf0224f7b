/** A drill from flags to report, the same for all: plan, preflight, drive, check, judge, report. */
import {redactDeep} from '../base/redact.js'
import {readStopWhen} from '../faults/course/stop-when.js'
import type {Drill, FactsFrame, Machine, PlanFrame} from '../drills/drill.js'
import {openOutputs} from '../report/outputs.js'
import type {Report} from '../report/schema.js'
import {checkDefects} from '../targets/practice/defects/check-defects.js'
import {formatThreshold, type Threshold} from '../verdict/threshold.js'
import {watchMetrics} from '../watch/metrics.js'
import type {Bench} from './bench.js'
import {runExperiment} from './experiment.js'
import {checkGround} from './fault-ground.js'
import type {DrillFlagValues} from './flags/common.js'
import {
  checkFaultPermissions,
  checkMachine,
  checkPermissions,
  checkTablePermissions,
  settleThresholds,
} from './preflight.js'
import type {CommonInput} from '../drills/drill.js'
import {readRequest, type TargetKind} from './request.js'
import {withWatchThresholds} from './watching.js'

/** One drill, and how flags become its input. */
export interface Work<Own, Input, Plan extends PlanFrame, Facts extends FactsFrame> {
  readonly drill: Drill<Input, Plan, Facts>
  /** What its targets speak; where that is for a flag to say, a function of the flags. */
  readonly kind: TargetKind | ((own: Own) => TargetKind)
  toInput(own: Own, common: CommonInput): Input | Promise<Input>
}

/** What the flow stands on. */
export interface Ground extends Bench {
  readonly machine: Machine
  readonly environment: NodeJS.ProcessEnv
  /** Shows the report as soon as there is one. */
  show(report: Report): void
}

/** A dry run yields the plan alone. */
export type Result =
  {readonly kind: 'plan'; readonly plan: PlanFrame} | {readonly kind: 'report'; readonly report: Report}

/**
 * Runs one drill. Throws a UsageError or a TargetError before any load, and Interrupted when a signal came before there was anything to judge;
 * a broken threshold is no error. What was opened stays in the belongings of `ground`, to be released by the caller.
 */
export async function runDrill<Own, Input, Plan extends PlanFrame, Facts extends FactsFrame>(
  work: Work<Own, Input, Plan, Facts>,
  flags: Own & DrillFlagValues,
  ground: Ground,
): Promise<Result> {
  const {machine, environment, interrupts, belongings} = ground
  const kind = typeof work.kind === 'function' ? work.kind(flags) : work.kind
  const input = await readRequest(flags, {kind, environment, machine})
  const metrics = {...work.drill.metrics, ...watchMetrics}
  const {plan, thresholds} = settleThresholds(
    withWatchThresholds(work.drill.plan(await work.toInput(flags, input)), input),
    {profile: input.profile, typed: flags.threshold},
    metrics,
  )
  const stopWhen = flags['stop-when'].map((text) => readStopWhen(text, metrics, plan.phases))
  checkDefects(flags.defect, plan.drill)
  checkGround(plan.faults, input)
  if (flags['dry-run']) return {kind: 'plan', plan: shownPlan(plan, thresholds, stopWhen)}
  const allowed = await checkPermissions(input, flags)
  await checkFaultPermissions(plan.faults, input.profile, flags)
  await checkTablePermissions(plan, input, flags)
  checkMachine(plan, input, allowed)
  interrupts.signal.throwIfAborted()
  const outputs = belongings.keep('output files', await openOutputs(flags.out))
  const report = await runExperiment({drill: work.drill, input, plan, thresholds, stopWhen, allowed, flags}, ground)
  ground.show(report)
  await outputs.write(report)
  return {kind: 'report', report}
}

/** With the thresholds as they would be judged, and without secrets. */
function shownPlan(plan: PlanFrame, thresholds: readonly Threshold[], stopWhen: readonly Threshold[]): PlanFrame {
  const stops = stopWhen.length === 0 ? {} : {stopWhen: stopWhen.map(formatThreshold)}
  return redactDeep({...plan, ...stops, thresholds: thresholds.map(formatThreshold)})
}
