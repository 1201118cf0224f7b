/** Direct faults, and tables that are made, need a permission on this machine too: a tunnel to production looks like loopback. */
import {UsageError} from '../../base/errors.js'
import {type AllowedTarget, checkHosts, type Lookup, lookupAll, type Permissions} from './allow-list.js'
import {hostPattern} from './host-pattern.js'

/**
 * The servers that direct faults act on; those that we started ourselves are left out by the caller. Throws a UsageError that names the flag to add for
 * a host that nobody allowed, loopback or not, and a TargetError for one that resolves to nothing.
 */
export async function checkFaultHosts(
  urls: readonly string[],
  permissions: Permissions,
  lookup: Lookup = lookupAll,
): Promise<AllowedTarget[]> {
  const patterns = permissions.allowHosts.map(hostPattern)
  const {what = 'a fault'} = permissions
  const checked = await checkHosts(urls, {...permissions, what}, lookup)
  for (const {host, addresses, loopback} of checked) {
    const named = patterns.some((pattern) => pattern.matchesHost(host))
    const covered = addresses.every((address) => patterns.some((pattern) => pattern.matchesAddress(address)))
    if (loopback && !named && !covered) {
      throw new UsageError(
        `${what} on ${host} is not allowed, as that may be a tunnel: to allow it, add --allow-host ${host}`,
      )
    }
  }
  return checked
}
