/** Which hosts may be asked: the drills' own allow-list, held against the target strictly and against each service by itself. */
import {TargetError, UsageError} from '../../base/errors.js'
import {redact} from '../../base/redact.js'
import {type AllowedTarget, checkHosts} from '../../targets/safety/allow-list.js'
import type {DoctorFlagValues} from '../flags/doctor.js'
import {furtherUrls, permissionsOf} from '../preflight.js'
import type {CommonInput} from '../../drills/drill.js'

export type ServiceName = 'redis' | 'postgres' | 'rabbitmq'

/** A connection string of the profile, and whether it may be used. */
export interface AdmittedService {
  readonly name: ServiceName
  readonly url: string
  /** Undefined when it may not be asked, or has no address. */
  readonly host: AllowedTarget | undefined
  /** Why not, and whether that is for want of permission. */
  readonly refusal?: {readonly why: string; readonly forbidden: boolean}
}

export interface Admission {
  /** Of the target and of what login and history name. */
  readonly allowed: readonly AllowedTarget[]
  /** URLs that resolve to nothing, and why. */
  readonly unresolved: ReadonlyMap<string, string>
  readonly services: readonly AdmittedService[]
}

/** Throws a UsageError that names the flag to add when a host of the target is not allowed; nothing was sent then. */
export async function admit(request: CommonInput, flags: DoctorFlagValues): Promise<Admission> {
  const {profile, targets} = request
  if (targets.length === 0) return {allowed: [], unresolved: new Map(), services: []}
  const permissions = permissionsOf(profile, flags)
  const allowed: AllowedTarget[] = []
  const unresolved = new Map<string, string>()
  for (const url of [...targets, ...furtherUrls(profile)]) {
    try {
      allowed.push(...(await checkHosts([url], permissions)))
    } catch (error) {
      if (!(error instanceof TargetError)) throw error
      unresolved.set(url, error.message)
    }
  }
  const services = await Promise.all(
    servicesOf(profile.services).map(async ({name, url}): Promise<AdmittedService> => {
      try {
        const [host] = await checkHosts([url], permissions)
        return {name, url, host}
      } catch (error) {
        if (!(error instanceof TargetError) && !(error instanceof UsageError)) throw error
        return {
          name,
          url,
          host: undefined,
          refusal: {why: redact(error.message), forbidden: error instanceof UsageError},
        }
      }
    }),
  )
  return {allowed, unresolved, services}
}

function servicesOf(services: CommonInput['profile']['services']): {name: ServiceName; url: string}[] {
  const names: readonly ServiceName[] = ['redis', 'postgres', 'rabbitmq']
  return names.flatMap((name) => {
    const url = services[name]
    return url === undefined ? [] : [{name, url}]
  })
}
