/** What every drill is asked, made from the common flags: the target and its profile, TLS, headers, seed, and what this machine allows. */
import {readFile} from 'node:fs/promises'
import {UsageError} from '../base/errors.js'
import {freshSeed} from '../base/random.js'
import type {CommonInput, FaultRequest, Machine} from '../drills/drill.js'
import type {Profile} from '../targets/profile/schema.js'
import type {ServiceKind} from '../targets/profile/service-url.js'
import type {TargetUrlKind} from '../targets/profile/url.js'
import type {Tls} from '../targets/target.js'
import {LINK_TO_TARGET, nodeHandle} from './fault-ground.js'
import type {DrillFlagValues} from './flags/common.js'

/** The flags that a request is made from. */
type RequestFlags = Pick<
  DrillFlagValues,
  | 'target'
  | 'profile'
  | 'protocol'
  | 'header'
  | 'ca'
  | 'cert'
  | 'key'
  | 'insecure'
  | 'defect'
  | 'seed'
  | 'workers'
  | 'source-address'
> &
  Partial<Pick<DrillFlagValues, 'fault' | 'allow-sticky' | 'watch'>>

/** What a drill's targets are: chats, or servers behind them. */
export type TargetKind = TargetUrlKind | ServiceKind

export interface Around {
  /** The scheme that the drill speaks. */
  readonly kind: TargetKind
  readonly environment: NodeJS.ProcessEnv
  readonly machine: Machine
}

/** Reads every file that the flags name. Throws a UsageError of one line for what is not there, is wrong, or contradicts itself. */
export async function readRequest(flags: RequestFlags, {kind, environment, machine}: Around): Promise<CommonInput> {
  refuseContradictions(flags)
  const {profile, targets} = await readTarget(flags, kind, environment)
  const {parseWatches} = await import('../watch/grammar.js')
  if (targets.length > 0 && flags.defect.length > 0)
    throw new UsageError('--defect is for the practice target only: leave out --target and --profile')
  return {
    workers: flags.workers,
    seed: flags.seed ?? freshSeed(),
    targets,
    profile: {...profile, targets},
    sourceAddresses: flags['source-address'],
    tls: await readTls(flags),
    headers: Object.fromEntries(flags.header.map(({name, value}) => [name, value])),
    machine,
    watch: parseWatches(flags.watch ?? []),
    faults: {specs: flags.fault ?? [], allowSticky: flags['allow-sticky'] ?? false, ...thingsToBreak(profile, targets)},
  }
}

interface Addressed {
  readonly profile: Profile
  /** Empty: the practice target. */
  readonly targets: readonly string[]
}

async function readTarget(flags: RequestFlags, kind: TargetKind, environment: NodeJS.ProcessEnv): Promise<Addressed> {
  const {isService} = await import('../targets/profile/service-url.js')
  if (isService(kind)) return await readService(flags, kind, environment)
  const {kindOf, loadProfile, profileFor} = await import('../targets/profile/load-profile.js')
  const {checkTargetUrl} = await import('../targets/profile/url.js')
  const named = flags.protocol === undefined ? {} : {protocol: flags.protocol}
  const profile =
    flags.profile === undefined
      ? await profileFor({targets: flags.target, kind, ...named})
      : await loadProfile(flags.profile, environment, kind)
  for (const url of flags.target) checkTargetUrl(url, kindOf(profile.protocol, kind))
  return {profile, targets: flags.target.length > 0 ? flags.target : profile.targets}
}

/** A server behind the chat: the one that was typed, or the one that the profile names. */
async function readService(flags: RequestFlags, kind: ServiceKind, environment: NodeJS.ProcessEnv): Promise<Addressed> {
  const {checkServiceUrl, exampleOf, serviceKey} = await import('../targets/profile/service-url.js')
  const {loadProfile, practiceProfile} = await import('../targets/profile/load-profile.js')
  if (flags.protocol !== undefined) throw new UsageError(`--protocol is of chats, and this transport speaks to ${kind}`)
  for (const url of flags.target) checkServiceUrl(url, kind)
  const profile = flags.profile === undefined ? await practiceProfile() : await loadProfile(flags.profile, environment)
  const key = serviceKey(kind)
  const url = flags.target[0] ?? profile.services[key]
  if (flags.profile !== undefined && url === undefined)
    throw new UsageError(`the profile does not say where ${kind} is: add services.${key}, or give --target`, {
      hint: `for example: services: {${key}: '${exampleOf(kind)}'}`,
    })
  if (url === undefined) return {profile, targets: []}
  // A server that was typed is also the one that faults act on.
  const services = {...profile.services, [key]: url}
  return {profile: {...profile, services}, targets: flags.target.length > 0 ? flags.target : [url]}
}

/** Of a user's own target what its profile names; of the practice target its links. */
function thingsToBreak({nodes, proxies}: Profile, targets: readonly string[]): Pick<FaultRequest, 'nodes' | 'proxies'> {
  if (targets.length === 0) return {proxies: ['redis', 'postgres', LINK_TO_TARGET]}
  return {nodes: nodes.map(nodeHandle), proxies: [...Object.keys(proxies), LINK_TO_TARGET]}
}

function refuseContradictions(flags: RequestFlags): void {
  const {profile, protocol, target, cert, key} = flags
  if (profile !== undefined && protocol !== undefined)
    throw new UsageError('--protocol: the profile names the protocol already; leave out one of the two')
  if (protocol !== undefined && target.length === 0)
    throw new UsageError('--protocol says how a target speaks: add --target')
  if ((cert === undefined) !== (key === undefined))
    throw new UsageError('--cert and --key go together: give both or none')
}

async function readTls(flags: RequestFlags): Promise<Tls> {
  const [ca, cert, key] = await Promise.all([
    readPem('--ca', flags.ca),
    readPem('--cert', flags.cert),
    readPem('--key', flags.key),
  ])
  return {
    ...(ca === undefined ? {} : {ca}),
    ...(cert === undefined ? {} : {cert}),
    ...(key === undefined ? {} : {key}),
    insecure: flags.insecure,
  }
}

async function readPem(flag: string, file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return undefined
  const text = await readFile(file, 'utf8').catch(async (cause: unknown) => {
    const {whyUnreadable} = await import('../targets/profile/yaml-file.js')
    throw new UsageError(`${flag} ${file}: ${whyUnreadable(cause)}`, {cause})
  })
  if (!text.includes('-----BEGIN ')) throw new UsageError(`${flag} ${file}: is not a PEM file`)
  return text
}
