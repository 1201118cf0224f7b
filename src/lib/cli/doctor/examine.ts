/** The whole examination: this machine always, and the target, its credentials and its services when one is named. */
import type {Clock} from '../../base/clock.js'
import type {Machine} from '../../drills/drill.js'
import type {Check, Diagnosis} from '../../report/diagnosis-schema.js'
import {EXIT} from '../exit-codes.js'
import type {DoctorFlagValues} from '../flags/doctor.js'
import {readRequest} from '../request.js'
import {examineMachine} from './examine-machine.js'
import {examineTarget} from './examine-target.js'
import {admit} from './admit.js'

export interface DoctorGround {
  readonly tool: Diagnosis['tool']
  readonly clock: Clock
  readonly machine: Machine
  readonly environment: NodeJS.ProcessEnv
  /** For the progress line. */
  readonly note: (text: string) => void
}

/** Throws a UsageError for flags that make no sense and for hosts that are not allowed; nothing was sent then. */
export async function examine(flags: DoctorFlagValues, ground: DoctorGround): Promise<Diagnosis> {
  const {machine, environment, note} = ground
  const asked = {...flags, defect: [], seed: undefined, workers: undefined}
  const request = await readRequest(asked, {kind: 'websocket', environment, machine})
  const admission = await admit(request, flags)
  note('reading what this machine has')
  const examined = await examineMachine({
    connections: flags.connections,
    roomSize: flags['room-size'],
    targets: request.targets,
    hosts: admission.allowed,
    sourceAddresses: request.sourceAddresses,
    machine,
  })
  const checks = [...examined.checks]
  if (request.targets.length > 0) checks.push(...(await examineTarget(request, admission, ground)))
  return {
    schema: 'proofload.doctor/1',
    tool: ground.tool,
    asked: {
      connections: flags.connections,
      roomSize: flags['room-size'],
      against: request.targets.length === 0 ? 'practice' : 'target',
      targets: request.targets,
    },
    machine: examined.state,
    plans: examined.plans,
    checks,
    problems: amount(checks, 'problem'),
    warnings: amount(checks, 'warning'),
    exitCode: exitCodeOfDiagnosis(checks),
  }
}

/** A target that cannot be used stands above a machine that is too small, as in a suite. */
export function exitCodeOfDiagnosis(checks: readonly Check[]): number {
  const problems = checks.filter(({state}) => state === 'problem')
  if (problems.some(({area}) => area !== 'machine' && area !== 'plan')) return EXIT.target
  return problems.length > 0 ? EXIT.broken : EXIT.held
}

function amount(checks: readonly Check[], state: Check['state']): number {
  return checks.filter((check) => check.state === state).length
}
