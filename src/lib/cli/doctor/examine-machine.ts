/** Examines this machine: reads what it has, holds the asked plan against it, and makes a check of each. */
import {freemem, loadavg, totalmem} from 'node:os'
import {canBind} from '../../chat/sources.js'
import {usersPerProcess} from '../../drills/ws-flood/capacity.js'
import type {Check, MachineState, PlanFit} from '../../report/diagnosis-schema.js'
import {postgresPrograms, redisProgram} from '../../targets/embedded/programs.js'
import {routesOf} from '../preflight.js'
import {descriptorCheck, openFilesCheck} from './descriptor-checks.js'
import {machineStateOf} from './machine-state.js'
import {conntrackCheck, loopbackCheck, portCheck, queueCheck, timeWaitCheck} from './network-checks.js'
import {planCheck} from './plan-check.js'
import {type Asked, memoryNeeded, planFit, somewhereElse} from './plan-fit.js'
import {coreCheck, memoryCheck} from './power-checks.js'
import {postgresCheck, redisCheck} from './program-checks.js'
import type {Situation} from './situation.js'
import {systemTexts} from './texts.js'

export interface MachineExamined {
  readonly state: MachineState
  readonly plans: readonly PlanFit[]
  readonly checks: readonly Check[]
}

/** Outside of the block that runs take at random, and never an interface's own. */
const OTHER_LOOPBACK = '127.251.1.1'

export async function examineMachine(asked: Asked): Promise<MachineExamined> {
  const [redis, postgres, manyLoopbackAddresses] = await Promise.all([
    redisProgram(),
    postgresPrograms(),
    canBind(OTHER_LOOPBACK),
  ])
  const state = machineStateOf(systemTexts(), {
    machine: asked.machine,
    totalBytes: totalmem(),
    freeBytes: freemem(),
    load: process.platform === 'win32' ? undefined : loadavg()[0],
    manyLoopbackAddresses,
  })
  const situation = situationOf(asked, state)
  const plans = plansOf(asked).map((one) => planFit(one, state))
  const checks = [
    ...checksOf(situation),
    redisCheck(situation, redis),
    postgresCheck(situation, postgres),
    ...plans.map((plan) => planCheck(plan, situation)),
  ]
  return {state, plans, checks}
}

/** The one that is asked about, and for comparison the other kind. */
function plansOf(asked: Asked): Asked[] {
  const practice = {...asked, targets: [], hosts: []}
  return asked.targets.length === 0 ? [asked, somewhereElse(asked)] : [asked, practice]
}

export function situationOf(asked: Asked, state: MachineState): Situation {
  const perProcess = usersPerProcess(asked)
  const bothEnds = asked.targets.length === 0
  const workers = Math.ceil(asked.connections / perProcess)
  const nodes = Math.max(2, workers)
  const own = asked.connections + workers * (asked.machine.descriptorsPerProcess - perProcess)
  return {
    state,
    connections: asked.connections,
    roomSize: asked.roomSize,
    bothEnds,
    usersPerProcess: perProcess,
    memoryNeeded: memoryNeeded(asked),
    descriptorsNeeded: bothEnds ? 2 * own : own,
    routes: routesOf(asked, asked.hosts, nodes),
  }
}

/** Those that this kind of machine has. */
export function checksOf(situation: Situation): Check[] {
  return [
    descriptorCheck(situation),
    openFilesCheck(situation),
    portCheck(situation),
    timeWaitCheck(situation),
    conntrackCheck(situation),
    memoryCheck(situation),
    coreCheck(situation),
    queueCheck(situation),
    loopbackCheck(situation),
  ].filter((check) => check !== undefined)
}
