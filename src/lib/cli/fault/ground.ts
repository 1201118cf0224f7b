/** Where one fault acts: on what --target names, else on what the profile does; and whether that is allowed. */
import {UsageError} from '../../base/errors.js'
import {redact} from '../../base/redact.js'
import type {FaultGround, FaultNeed} from '../../faults/fault.js'
import {checkHosts, type Permissions} from '../../targets/safety/allow-list.js'
import {checkFaultHosts} from '../../targets/safety/fault-permission.js'
import {isProductionEnvironment} from '../../targets/safety/production.js'
import type {Profile} from '../../targets/profile/schema.js'
import {checkTargetUrl} from '../../targets/profile/url.js'
import {groundIn} from '../fault-ground.js'
import type {FaultFlagValues} from '../flags/fault.js'

const SCHEMES = {
  redis: {pattern: /^rediss?:\/\//, example: 'redis://host:6379'},
  postgres: {pattern: /^postgres(ql)?:\/\//, example: 'postgres://user@host:5432/database'},
} as const

/** The fault's need, and the name behind `proxy=`. */
export interface Need {
  readonly fault: string
  readonly needs: FaultNeed
  readonly proxy: string | undefined
}

/** Throws a UsageError for a URL of the wrong kind, and when neither the flags nor the profile say what to disturb. */
export function groundFor({fault, needs, proxy}: Need, target: string | undefined, profile?: Profile): FaultGround {
  const ground: FaultGround = profile ? groundIn(profile) : {proxies: {}, nodes: []}
  if (needs === 'node') {
    if (target !== undefined) throw new UsageError('--target: nodes are described by a profile: use --profile instead')
    if (!profile) throw new UsageError(`${fault} needs --profile FILE, whose 'nodes:' describes the process`)
    return ground
  }
  if (needs === 'proxy') return proxyGround(ground, {fault, proxy, target})
  const {pattern, example} = SCHEMES[needs]
  if (target !== undefined && !pattern.test(target))
    throw new UsageError(`--target: ${fault} needs a URL such as ${example}, got '${redact(target)}'`)
  const url = target ?? ground[needs]
  if (url === undefined)
    throw new UsageError(`${fault} needs --target ${example}, or a --profile whose services name one`)
  return {...ground, [needs]: url}
}

function proxyGround(
  ground: FaultGround,
  {fault, proxy, target}: {fault: string; proxy: string | undefined; target: string | undefined},
): FaultGround {
  if (target === undefined) {
    if (Object.keys(ground.proxies).length > 0) return ground
    throw new UsageError(
      `${fault} needs --target http://host:8474, the API of the proxy, or a --profile with 'proxies:'`,
    )
  }
  const {username, password} = checkTargetUrl(target, 'http')
  if (username !== '' || password !== '') throw new UsageError("--target: a proxy's API takes no name and no password")
  return {...ground, proxies: {...ground.proxies, ...(proxy === undefined ? {} : {[proxy]: {api: target}})}}
}

/** Throws a UsageError that names the flag to add. */
export async function checkAllowed({needs, proxy}: Need, ground: FaultGround, permissions: Permissions): Promise<void> {
  if (needs === 'node') {
    checkNode(permissions)
  } else if (needs === 'proxy') {
    const api = ground.proxies[proxy ?? '']?.api
    if (api !== undefined) await checkHosts([api], {...permissions, what: 'a fault'})
  } else {
    await checkFaultHosts([ground[needs] ?? ''], permissions)
  }
}

function checkNode({environment, allowProduction}: Permissions): void {
  if (allowProduction || !isProductionEnvironment(environment)) return
  throw new UsageError(
    `a fault on a node, which is '${environment ?? ''}' by its profile, is not allowed: to allow it, add --allow-production`,
  )
}

/** What the profile and the flags allow together. */
export function permissionsFor(
  flags: Pick<FaultFlagValues, 'allow-host' | 'allow-production'>,
  profile?: Profile,
): Permissions {
  return {
    allowHosts: [...(profile?.allowHosts ?? []), ...flags['allow-host']],
    allowProduction: flags['allow-production'],
    environment: profile?.environment,
  }
}
