/** A small flood against one shared practice target: flags to findings without the CLI around it. */
import type {WsFloodInput} from '../../../src/lib/drills/ws-flood/input.js'
import {wsFlood} from '../../../src/lib/drills/ws-flood/index.js'
import type {WsFloodPlan} from '../../../src/lib/drills/ws-flood/plan.js'
import type {PracticeTarget} from '../../../src/lib/targets/practice/practice.js'
import {practiceProfile} from '../../../src/lib/targets/profile/load-profile.js'
import type {Target} from '../../../src/lib/targets/target.js'
import {driven, drivenWithFaults, type Judged} from '../driven.js'
import {machine} from '../machine.js'

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

export type JudgedFlood = Judged<Awaited<ReturnType<typeof wsFlood.drive>>>

/** Runs the flood; `thresholds` replace the defaults with the same left side. */
export async function flood(
  input: WsFloodInput,
  target: Target,
  thresholds: readonly string[] = [],
): Promise<JudgedFlood> {
  return await driven(wsFlood, planOf(input), {target, thresholds})
}

/** The same with its faults, on the ground of a practice target. */
export async function faultedFlood(
  input: WsFloodInput,
  {target, ground}: Pick<PracticeTarget, 'target' | 'ground'>,
  asked: {readonly thresholds: readonly string[]; readonly journal: string},
): Promise<JudgedFlood> {
  return await drivenWithFaults(wsFlood, planOf(input), {target, ground, ...asked})
}

function planOf(input: WsFloodInput): WsFloodPlan {
  return {...wsFlood.plan(input), drain: {quietMs: 1200, atMostMs: 10_000}}
}
