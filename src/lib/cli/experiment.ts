/** The part of the flow that touches the target: open it, drive, check, judge, and put the report together. */
import {randomInt} from 'node:crypto'
import {release, type as osType} from 'node:os'
import {seededRandom} from '../base/random.js'
import {redactDeep} from '../base/redact.js'
import type {Drill, FactsFrame, Kit, PlanFrame} from '../drills/drill.js'
import {buildReport, type Evidence} from '../report/build-report.js'
import type {Report} from '../report/schema.js'
import type {AllowedTarget} from '../targets/safety/allow-list.js'
import {judge} from '../verdict/judge.js'
import type {Threshold} from '../verdict/threshold.js'
import type {WatchFacts} from '../watch/facts.js'
import {watchMetrics} from '../watch/metrics.js'
import {verdictOf} from '../verdict/verdict.js'
import type {Bench} from './bench.js'
import {exitCodeOfRun} from './exit-codes.js'
import type {DrillFlagValues} from './flags/common.js'
import {type OpenedTarget, openTarget} from './open-target.js'
import type {CommonInput} from '../drills/drill.js'
import {type Ordered, takeOrders} from './orders.js'
import {beginWatching, withWatched} from './watching.js'

export interface Experiment<Input, Plan extends PlanFrame, Facts extends FactsFrame> {
  readonly drill: Drill<Input, Plan, Facts>
  readonly input: CommonInput
  readonly plan: Plan
  readonly thresholds: readonly Threshold[]
  /** Conditions that end the load early. */
  readonly stopWhen: readonly Threshold[]
  /** Hosts that were checked. */
  readonly allowed: readonly AllowedTarget[]
  readonly flags: DrillFlagValues
}

/** The report, free of secrets. Throws a TargetError when the target cannot be used at all, and Interrupted when it never came to a load. */
export async function runExperiment<Input, Plan extends PlanFrame, Facts extends FactsFrame>(
  experiment: Experiment<Input, Plan, Facts>,
  bench: Bench,
): Promise<Report> {
  const {drill, input, plan, flags, allowed} = experiment
  const {clock, progress, belongings, interrupts} = bench
  const opened = await openTarget(input, plan, {
    defects: flags.defect,
    allowed,
    belongings,
    signal: interrupts.signal,
    note: (text) => progress.note({phase: 'practice target', text}),
    say: (text) => progress.say(text),
  })
  interrupts.signal.throwIfAborted()
  const {thresholds, stopWhen} = experiment
  const runId = freshRunId()
  const ordered = await takeOrders(
    {plan, thresholds, stopWhen, catalogue: {...drill.metrics, ...watchMetrics}, opened, runId},
    bench,
  )
  const kit = kitFor({plan, opened, ordered, runId}, bench)
  await using watching = await beginWatching(plan, input, {opened, clock, signal: interrupts.signal})
  const startedAt = clock.date()
  const startMs = clock.now()
  const facts = await revertingAfter(ordered, drill.drive(plan, kit))
  const durationMs = clock.now() - startMs
  const watched = await watching.stop(facts.startedAtMs)
  progress.end()
  return conclude(experiment, bench, {opened, facts, watched, ordered, run: {id: runId, startedAt, durationMs}})
}

/** Whatever becomes of the drill, no fault outlives it. */
async function revertingAfter<Facts>({orders}: Ordered, driving: Promise<Facts>): Promise<Facts> {
  try {
    return await driving
  } finally {
    await orders.faults?.revertAll()
  }
}

interface Setting {
  readonly plan: PlanFrame
  readonly opened: OpenedTarget
  readonly ordered: Ordered
  readonly runId: string
}

function kitFor({plan, opened, ordered, runId}: Setting, {clock, progress}: Bench): Kit {
  return {
    clock,
    random: seededRandom(plan.seed),
    signal: ordered.signal,
    target: opened.target,
    ...(opened.lab && {lab: opened.lab}),
    runId,
    orders: ordered.orders,
    note: (note) => progress.note(note),
  }
}

interface Driven<Facts> {
  readonly opened: OpenedTarget
  readonly facts: Facts
  readonly watched: WatchFacts | undefined
  readonly ordered: Ordered
  readonly run: Pick<Evidence['run'], 'id' | 'startedAt' | 'durationMs'>
}

function conclude<Input, Plan extends PlanFrame, Facts extends FactsFrame>(
  {drill, input, plan, thresholds, flags}: Experiment<Input, Plan, Facts>,
  {tool, interrupts}: Bench,
  {opened, facts: measured, watched, ordered: {stopped}, run}: Driven<Facts>,
): Report {
  const own = {facts: measured, checked: drill.check(plan, measured)}
  const {facts, checked, movers} = withWatched(own, watched, drill.latency)
  const findings = judge(thresholds, checked, facts.phases)
  const verdict = stopped === undefined ? verdictOf(findings) : 'fail'
  const onInconclusive = flags['on-inconclusive']
  const exitCode = exitCodeOfRun({verdict, onInconclusive, signal: interrupts.by, stopped: stopped !== undefined})
  const report = buildReport({
    tool,
    run: {
      ...run,
      ...(interrupts.by === undefined ? {} : {interruptedBy: interrupts.by}),
      ...(stopped === undefined ? {} : {stopped}),
    },
    plan,
    target: opened.target,
    environment: environmentOf(input, opened),
    facts,
    checked,
    movers,
    judged: {findings, verdict, exitCode},
    next: drill.next(plan),
  })
  return redactDeep(report)
}

function environmentOf({machine}: CommonInput, {services}: OpenedTarget): Report['environment'] {
  return {
    node: process.version,
    os: `${osType()} ${release()}`,
    cpus: machine.cores,
    memoryBytes: machine.memoryBytes,
    services: {...services},
  }
}

/** Eight of [0-9a-z]: 41 bits, so that two runs never mistake each other's messages for their own. */
function freshRunId(): string {
  return Array.from({length: 8}, () => randomInt(36).toString(36)).join('')
}
