/** Any drill without the CLI around it: plan to findings against a target that runs already. */
import {randomInt} from 'node:crypto'
import {HostClock} from '../../src/lib/base/clock.js'
import {seededRandom} from '../../src/lib/base/random.js'
import type {Drill, FactsFrame, Lab, PlanFrame} from '../../src/lib/drills/drill.js'
import {startAgent} from '../../src/lib/faults/agent/agent.js'
import {noOrders} from '../../src/lib/faults/course/course.js'
import type {FaultGround, FaultRun} from '../../src/lib/faults/fault.js'
import type {Target} from '../../src/lib/targets/target.js'
import type {Finding} from '../../src/lib/verdict/finding.js'
import {judge} from '../../src/lib/verdict/judge.js'
import {mergeThresholds} from '../../src/lib/verdict/threshold-check.js'

export interface Judged<Facts> {
  readonly findings: readonly Finding[]
  /** Metrics of the findings that failed. */
  readonly failed: readonly string[]
  readonly facts: Facts
}

interface Scene {
  readonly target: Target
  /** Replace the defaults with the same left side. */
  readonly thresholds?: readonly string[]
  readonly signal?: AbortSignal
  /** Of the practice database. */
  readonly lab?: Lab
}

/** Runs a plan. Doubts are left out: a test machine is busy with other tests, and what a doubt does to a verdict is shown elsewhere. */
export async function driven<Input, Plan extends PlanFrame, Facts extends FactsFrame>(
  drill: Drill<Input, Plan, Facts>,
  plan: Plan,
  {target, lab, thresholds: asked = [], signal = new AbortController().signal, faults, runId = freshRunId()}: Faulted,
): Promise<Judged<Facts>> {
  const thresholds = mergeThresholds([...plan.thresholds], [...asked])
  const facts = await drill.drive(plan, {
    clock: new HostClock(),
    random: seededRandom(plan.seed),
    signal,
    target,
    ...(lab && {lab}),
    orders: {...noOrders, faults, thresholds, catalogue: drill.metrics},
    runId,
    note: () => undefined,
  })
  const findings = judge(thresholds, {...drill.check(plan, facts), doubts: []}, facts.phases)
  return {findings, facts, failed: findings.filter(({verdict}) => verdict === 'fail').map(({metric}) => metric)}
}

interface Faulted extends Scene {
  readonly faults?: FaultRun
  readonly runId?: string
}

interface Ground extends Scene {
  readonly ground: FaultGround
  /** Folder of the journal. */
  readonly journal: string
}

/** The same with the plan's faults. */
export async function drivenWithFaults<Input, Plan extends PlanFrame, Facts extends FactsFrame>(
  drill: Drill<Input, Plan, Facts>,
  plan: Plan,
  {ground, journal, ...scene}: Ground,
): Promise<Judged<Facts>> {
  const runId = freshRunId()
  const {faults, seed} = plan
  const order = {faults, ground, runId, seed, journal: {directory: journal}, target: scene.target.description}
  await using agent = await startAgent(order)
  return await driven(drill, plan, {...scene, faults: agent, runId})
}

function freshRunId(): string {
  return Array.from({length: 8}, () => randomInt(36).toString(36)).join('')
}
