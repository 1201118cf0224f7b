/** Everything that can fail before the load does so here, where it costs nothing. */
import {UsageError} from '../base/errors.js'
import {formatCount, formatSize} from '../base/format-units.js'
import type {Machine, MachineNeeds, PlanFrame} from '../drills/drill.js'
import type {MetricCatalogue} from '../metrics/metric.js'
import {type AllowedTarget, checkHosts} from '../targets/safety/allow-list.js'
import type {Profile} from '../targets/profile/schema.js'
import {checkThreshold, mergeThresholds} from '../verdict/threshold-check.js'
import {formatThreshold, type Threshold} from '../verdict/threshold.js'
import type {DrillFlagValues} from './flags/common.js'
import type {CommonInput} from './request.js'

/** The plan's thresholds, then the profile's, then those typed, where each replaces what came before. Throws a UsageError for one that cannot be judged. */
export function settleThresholds(
  plan: PlanFrame,
  profile: Profile,
  typed: readonly string[],
  metrics: MetricCatalogue,
): Threshold[] {
  const thresholds = mergeThresholds([...plan.thresholds], [...profile.thresholds])
  const settled = mergeThresholds(thresholds.map(formatThreshold), typed)
  for (const threshold of settled) checkThreshold(threshold, metrics, plan.phases)
  return settled
}

/** Holds the plan's needs against the machine. Throws a UsageError that says the limit and what to do. */
export function checkMachine({needs, practice}: PlanFrame, input: CommonInput, hosts: readonly AllowedTarget[]): void {
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
function routesOf(
  {machine, targets, sourceAddresses}: CommonInput,
  hosts: readonly AllowedTarget[],
  nodes: number,
): number {
  const local = hosts.every(({loopback}) => loopback)
  // Linux answers on all of 127.0.0.0/8, so on loopback there are more source addresses than anybody needs.
  if (local && machine.platform === 'linux') return Infinity
  const sources = Math.max(1, sourceAddresses.length)
  return sources * (targets.length === 0 ? nodes : new Set(targets.map((url) => new URL(url).host)).size)
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
export async function checkPermissions(input: CommonInput, flags: DrillFlagValues): Promise<AllowedTarget[]> {
  const {profile, targets} = input
  return await checkHosts([...targets, ...furtherUrls(profile)], {
    allowHosts: [...profile.allowHosts, ...flags['allow-host']],
    allowProduction: flags['allow-production'],
    environment: profile.environment,
  })
}

/** Login and history may live on hosts of their own; what is only a path is on the target. */
function furtherUrls({auth, history}: Profile): string[] {
  const urls = [history?.url, auth.mode === 'request' ? auth.url : undefined]
  return urls.flatMap((url) => (url?.includes('://') ? [url.replaceAll(/\{\{.*?\}\}/g, '0')] : []))
}
