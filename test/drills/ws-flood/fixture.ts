/** A small flood against one shared practice target: flags to findings without the CLI around it. */
import {HostClock} from '../../../src/lib/base/clock.js'
import {seededRandom} from '../../../src/lib/base/random.js'
import {noOrders} from '../../../src/lib/faults/course/course.js'
import type {Machine} from '../../../src/lib/drills/drill.js'
import type {WsFloodInput} from '../../../src/lib/drills/ws-flood/input.js'
import {wsFlood} from '../../../src/lib/drills/ws-flood/index.js'
import type {WsFloodPlan} from '../../../src/lib/drills/ws-flood/plan.js'
import {startAgent} from '../../../src/lib/faults/agent/agent.js'
import type {FaultRun} from '../../../src/lib/faults/fault.js'
import type {PracticeTarget} from '../../../src/lib/targets/practice/practice.js'
import {practiceProfile} from '../../../src/lib/targets/profile/load-profile.js'
import type {Target} from '../../../src/lib/targets/target.js'
import type {Finding} from '../../../src/lib/verdict/finding.js'
import {judge} from '../../../src/lib/verdict/judge.js'
import {mergeThresholds} from '../../../src/lib/verdict/threshold-check.js'
import {randomInt} from 'node:crypto'

const machine: Machine = {
  cores: 2,
  memoryBytes: 8 * 1024 ** 3,
  descriptorsPerProcess: 20_000,
  ephemeralPorts: 28_000,
  platform: process.platform,
}

/** 60 users in ten rooms, every room speaks about 30 times. */
export async function smallFlood(changes: Partial<WsFloodInput> = {}): Promise<WsFloodInput> {
  return {
    connections: 60,
    connectRate: 300,
    roomSize: 6,
    durationMs: 1500,
    messageRate: 200,
    payloadBytes: 128,
    reconnect: 'full-jitter',
    workers: 2,
    seed: 'small-flood',
    targets: [],
    profile: await practiceProfile(),
    sourceAddresses: [],
    tls: {insecure: false},
    headers: {},
    faults: {specs: [], allowSticky: false},
    watch: [],
    machine,
    ...changes,
  }
}

export interface Judged {
  readonly findings: readonly Finding[]
  /** Metrics of the findings that failed. */
  readonly failed: readonly string[]
  readonly facts: Awaited<ReturnType<typeof wsFlood.drive>>
}

/** Runs the flood; `thresholds` replace the defaults with the same left side. */
export async function flood(input: WsFloodInput, target: Target, thresholds: readonly string[] = []): Promise<Judged> {
  return await driven(planOf(input), target, {thresholds, runId: freshRunId()})
}

/** The same with its faults, on the ground of a practice target. */
export async function faultedFlood(
  input: WsFloodInput,
  {target, ground}: Pick<PracticeTarget, 'target' | 'ground'>,
  {thresholds, journal}: {thresholds: readonly string[]; journal: string},
): Promise<Judged> {
  const plan = planOf(input)
  const runId = freshRunId()
  const {faults, seed} = plan
  const order = {faults, ground, runId, seed, journal: {directory: journal}, target: target.description}
  await using agent = await startAgent(order)
  return await driven(plan, target, {thresholds, runId, faults: agent})
}

function planOf(input: WsFloodInput): WsFloodPlan {
  return {...wsFlood.plan(input), drain: {quietMs: 1200, atMostMs: 10_000}}
}

function freshRunId(): string {
  return Array.from({length: 8}, () => randomInt(36).toString(36)).join('')
}

interface Driving {
  readonly thresholds: readonly string[]
  readonly runId: string
  readonly faults?: FaultRun
}

async function driven(plan: WsFloodPlan, target: Target, {runId, faults, ...asked}: Driving): Promise<Judged> {
  const thresholds = mergeThresholds([...plan.thresholds], [...asked.thresholds])
  const facts = await wsFlood.drive(plan, {
    clock: new HostClock(),
    random: seededRandom(plan.seed),
    signal: new AbortController().signal,
    target,
    orders: {...noOrders, faults, thresholds, catalogue: wsFlood.metrics},
    runId,
    note: () => undefined,
  })
  const checked = wsFlood.check(plan, facts)
  // A test machine is busy with other tests; what a doubt does to a verdict is shown elsewhere.
  const undoubted = {...checked, doubts: []}
  const findings = judge(thresholds, undoubted, facts.phases)
  return {findings, facts, failed: findings.filter(({verdict}) => verdict === 'fail').map(({metric}) => metric)}
}
