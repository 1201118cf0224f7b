/** Everything that can fail before the load does so here, where it costs nothing. */
import {UsageError} from '../base/errors.js'
import {formatCount, formatSize} from '../base/format-units.js'
import type {Machine, MachineNeeds, PlanFrame} from '../drills/drill.js'
import type {MetricCatalogue} from '../metrics/metric.js'
import {type AllowedTarget, checkHosts, type Permissions} from '../targets/safety/allow-list.js'
import {checkFaultHosts} from '../targets/safety/fault-permission.js'
import {bareHost} from '../targets/safety/host-pattern.js'
import type {Profile} from '../targets/profile/schema.js'
import {eachHostOf} from '../targets/profile/service-url.js'
import {checkThreshold, mergeThresholds} from '../verdict/threshold-check.js'
import {formatThreshold, type Threshold} from '../verdict/threshold.js'
import type {PlannedFault} from '../faults/fault.js'
import {proxyApisOf, serversOf} from './fault-ground.js'
import type {DrillFlagValues} from './flags/common.js'
import type {CommonInput} from '../drills/drill.js'

/** The plan's thresholds, then the profile's, then those typed, where each replaces what came before. Throws a UsageError for one that cannot be judged. */
export function settleThresholds<Plan extends PlanFrame>(
  plan: Plan,
  {profile, typed}: {profile: Profile; typed: readonly string[]},
  metrics: MetricCatalogue,
): Settled<Plan> {
  const defaults = [...plan.thresholds, ...(plan.levelThresholds ?? [])]
  const thresholds = mergeThresholds(defaults, [...profile.thresholds])
  const settled = mergeThresholds(thresholds.map(formatThreshold), typed)
  for (const threshold of settled) checkThreshold(threshold, metrics, plan.phases)
  return shareOut(plan, settled)
}

interface Settled<Plan> {
  readonly plan: Plan
  /** What the run is judged by. */
  readonly thresholds: readonly Threshold[]
}

/** A search is judged by what it found, and each of its levels by what else was asked without naming a phase. */
function shareOut<Plan extends PlanFrame>(plan: Plan, settled: readonly Threshold[]): Settled<Plan> {
  if (!plan.levelThresholds) return {plan, thresholds: settled}
  const found = new Set(mergeThresholds(plan.thresholds, []).map(({metric}) => metric))
  const isOfRun = ({metric, phase}: Threshold): boolean => phase !== undefined || found.has(metric)
  const levelThresholds = settled.filter((threshold) => !isOfRun(threshold)).map(formatThreshold)
  return {plan: Object.freeze({...plan, levelThresholds}), thresholds: settled.filter(isOfRun)}
}

/** From where to where the sockets lead. */
export type Route = Pick<CommonInput, 'machine' | 'targets' | 'sourceAddresses'>

/** Holds the plan's needs against the machine. Throws a UsageError that says the limit and what to do. */
export function checkMachine(
  {needs, practice}: Pick<PlanFrame, 'needs' | 'practice'>,
  input: Route,
  hosts: readonly AllowedTarget[],
): void {
  const {machine} = input
  if (needs.descriptorsPerWorker > machine.descriptorsPerProcess) throw tooFewDescriptors(needs, machine)
  if (needs.memoryBytes > machine.memoryBytes) {
    throw new UsageError(
      `the plan needs ${formatSize(needs.memoryBytes)} of memory, but this machine has ${formatSize(machine.memoryBytes)}`,
      {
        hint: 'plan fewer users',
      },
    )
  }
  const routes = routesOf(input, hosts, practice.nodes)
  if (needs.sockets > routes * machine.ephemeralPorts) throw tooFewPorts(needs, machine, routes)
}

/** Source addresses times target addresses and ports; each such pair has the ephemeral ports to itself. */
export function routesOf(
  {machine, targets, sourceAddresses}: Route,
  hosts: readonly AllowedTarget[],
  nodes: number,
): number {
  const local = hosts.every(({loopback}) => loopback)
  // Linux answers on all of 127.0.0.0/8, so on loopback there are more source addresses than anybody needs.
  if (local && machine.platform === 'linux') return Infinity
  const sources = Math.max(1, sourceAddresses.length)
  return sources * (targets.length === 0 ? nodes : endsOf(targets, hosts))
}

/** Every address of each host with its port; users are spread over all of them. */
function endsOf(targets: readonly string[], hosts: readonly AllowedTarget[]): number {
  const ends = targets.flatMap(eachHostOf).flatMap((target) => {
    const {port, protocol, hostname} = new URL(target)
    const addresses = hosts.find(({host}) => host === bareHost(hostname))?.addresses ?? [hostname]
    return addresses.map((address) => `${address} ${port === '' ? protocol : port}`)
  })
  return new Set(ends).size
}

function tooFewDescriptors({sockets, workers, descriptorsPerWorker}: MachineNeeds, machine: Machine): UsageError {
  const limit = formatCount(machine.descriptorsPerProcess)
  return new UsageError(
    `${formatCount(sockets)} sockets over ${formatCount(workers)} workers need ${formatCount(descriptorsPerWorker)} descriptors in one process, but this machine allows ${limit}`,
    {hint: 'raise the limit (ulimit -n), give more --workers, or plan fewer users'},
  )
}

function tooFewPorts({sockets}: MachineNeeds, {ephemeralPorts}: Machine, routes: number): UsageError {
  return new UsageError(
    `${formatCount(sockets)} sockets need more than the ${formatCount(routes * ephemeralPorts)} ephemeral ports of this machine towards the target`,
    {
      hint: 'add --source-address or further --target addresses, widen net.ipv4.ip_local_port_range, or plan fewer users',
    },
  )
}

/** Every host that the run would talk to, after DNS. Throws a UsageError that names the flag to add, or a TargetError for a host that is not there. */
export async function checkPermissions(
  {profile, targets, watch = []}: Pick<CommonInput, 'profile' | 'targets'> & Partial<Pick<CommonInput, 'watch'>>,
  flags: PermissionFlags,
): Promise<AllowedTarget[]> {
  const watched = watch.flatMap((spec) => (spec.kind === 'process' ? [] : [spec.url]))
  return await checkHosts(
    [...targets.flatMap(eachHostOf), ...furtherUrls(profile), ...watched],
    permissionsOf(profile, flags),
  )
}

/** Every server and proxy that a fault acts on and that we did not start. Throws as `checkPermissions` does, for servers on this machine too. */
export async function checkFaultPermissions(
  faults: readonly PlannedFault[],
  profile: Profile,
  flags: PermissionFlags,
): Promise<void> {
  const permissions = permissionsOf(profile, flags)
  await checkFaultHosts(serversOf(faults, profile), permissions)
  await checkHosts(proxyApisOf(faults, profile), {...permissions, what: 'a fault'})
}

/** Servers in which a drill makes tables, and that we did not start. Throws as `checkFaultPermissions` does. */
export async function checkTablePermissions(
  {makesTables = false}: Pick<PlanFrame, 'makesTables'>,
  {targets, profile}: Pick<CommonInput, 'targets' | 'profile'>,
  flags: PermissionFlags,
): Promise<void> {
  if (makesTables) await checkFaultHosts(targets, {...permissionsOf(profile, flags), what: 'making tables'})
}

type PermissionFlags = Pick<DrillFlagValues, 'allow-host' | 'allow-production'>

/** What the profile and the flags allow together. */
export function permissionsOf(profile: Profile, flags: PermissionFlags): Permissions {
  return {
    allowHosts: [...profile.allowHosts, ...flags['allow-host']],
    allowProduction: flags['allow-production'],
    environment: profile.environment,
  }
}

/** Logins, history, set-up and teardown may live on hosts of their own; what is only a path is on the target. */
export function furtherUrls({auth, history, setup, teardown}: Profile): string[] {
  const requests = [...setup, ...teardown].map(({url}) => url)
  const urls = [history?.url, auth.mode === 'request' ? auth.url : undefined, ...requests]
  return urls.flatMap((url) => (url?.includes('://') ? [url.replaceAll(/\{\{.*?\}\}/g, '0')] : []))
}
