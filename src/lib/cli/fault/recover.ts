/** Puts back what killed runs left, on the servers that the flags or the profile name. */
import {hostname} from 'node:os'
import {HostClock} from '../../base/clock.js'
import {UsageError} from '../../base/errors.js'
import type {FaultGround} from '../../faults/fault.js'
import {breakLocks} from '../../faults/journal/lock.js'
import {recover, type RecoveredRun} from '../../faults/journal/recover.js'
import {breakRedisLock} from '../../faults/journal/redis-lock.js'
import {stateDirectory} from '../../faults/journal/state-directory.js'
import {groundIn} from '../fault-ground.js'
import type {RecoverFlagValues} from '../flags/fault.js'

const clock = new HostClock()

/** What `--json` prints. */
export interface Recovery {
  readonly schema: 'proofload.recovery/1'
  readonly stateDirectory: string
  readonly host: string
  readonly runs: readonly RecoveredRun[]
  /** Servers whose locks were broken: those of dead runs, and with --force of all. */
  readonly unlocked: readonly string[]
  readonly exitCode: number
}

/** Throws a UsageError for a profile or URL that is wrong. */
export async function recoverRuns(flags: RecoverFlagValues, environment: NodeJS.ProcessEnv): Promise<Recovery> {
  const state = stateDirectory(undefined, environment)
  const ground = await groundOf(flags, environment)
  const runs = await recover({state, ground, force: flags.force, now: () => clock.date()})
  if (flags.force && ground.redis !== undefined) await breakRedisLock(ground.redis)
  const unlocked = breakLocks(state, flags.force)
  const codes = runs.flatMap(({faults}) => faults.map(({exitCode}) => exitCode))
  return {
    schema: 'proofload.recovery/1',
    stateDirectory: state,
    host: hostname(),
    runs,
    unlocked,
    exitCode: Math.max(0, ...codes),
  }
}

async function groundOf(flags: RecoverFlagValues, environment: NodeJS.ProcessEnv): Promise<FaultGround> {
  const {redis, postgres, profile} = flags
  if (redis !== undefined && !/^rediss?:\/\//.test(redis))
    throw new UsageError('--redis: expected a URL such as redis://host:6379')
  if (postgres !== undefined && !/^postgres(ql)?:\/\//.test(postgres))
    throw new UsageError('--postgres: expected a URL such as postgres://user@host:5432/database')
  const {loadProfile} = await import('../../targets/profile/load-profile.js')
  const ground = profile === undefined ? {proxies: {}, nodes: []} : groundIn(await loadProfile(profile, environment))
  return {...ground, ...(redis === undefined ? {} : {redis}), ...(postgres === undefined ? {} : {postgres})}
}
