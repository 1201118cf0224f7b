/** Nobody is put under load who has not agreed to it: hosts are held against the allow-list after DNS, and their addresses are kept. */
import {lookup as systemLookup} from 'node:dns/promises'
import {isIP} from 'node:net'
import {TargetError, UsageError} from '../../base/errors.js'
import {bareHost, type HostPattern, hostPattern} from './host-pattern.js'
import {isLoopback, isLoopbackName, looksLikeLoopback} from './loopback.js'
import {isProductionEnvironment, looksLikeProduction} from './production.js'

export interface Permissions {
  /** `allowHosts` of the profile and every `--allow-host`. */
  readonly allowHosts: readonly string[]
  /** `--allow-production`. */
  readonly allowProduction: boolean
  /** `environment` of the profile. */
  readonly environment?: string | undefined
  /** What is to be allowed, for messages. */
  readonly what?: 'load' | 'a fault' | 'making tables'
}

/** A URL that may be put under load, with the addresses that were checked: connect to these and to no others. */
export interface AllowedTarget {
  readonly url: string
  /** Lower case, without brackets. */
  readonly host: string
  /** At least one. */
  readonly addresses: readonly string[]
  /** Every address is this machine's own. */
  readonly loopback: boolean
}

/** All addresses of a host; it may throw, or return none, when there is no such host. */
export type Lookup = (host: string) => Promise<readonly string[]>

/** Asks the system, hosts file included. */
export const lookupAll: Lookup = async (host) => (await systemLookup(host, {all: true})).map((found) => found.address)

/**
 * Throws a UsageError that names the flag to add for a host that is not allowed, and a TargetError for one that resolves to nothing.
 * A name needs a pattern for itself, or patterns that cover each of its addresses. Nothing is looked up more than once.
 */
export async function checkHosts(
  urls: readonly string[],
  permissions: Permissions,
  lookup: Lookup = lookupAll,
): Promise<AllowedTarget[]> {
  const patterns = permissions.allowHosts.map(hostPattern)
  const hosts = [...new Set(urls.map(hostOf))]
  const checked = new Map<string, Omit<AllowedTarget, 'url'>>()
  for (const host of hosts) {
    const {addresses, cause} = await addressesOf(host, lookup)
    checkHost(host, addresses, patterns, permissions)
    if (addresses.length === 0) throw unresolved(host, cause)
    checked.set(host, {host, addresses, loopback: addresses.every(isLoopback)})
  }
  return urls.flatMap((url) => {
    const found = checked.get(hostOf(url))
    return found ? [{url, ...found}] : []
  })
}

function checkHost(
  host: string,
  addresses: readonly string[],
  patterns: readonly HostPattern[],
  permissions: Permissions,
): void {
  const stranger = addresses.find((address) => !isLoopback(address))
  if (stranger !== undefined && looksLikeLoopback(host)) {
    throw new UsageError(`${host} poses as this machine but resolves to ${stranger}: use that host's own name`)
  }
  const own = isLoopback(host) || isLoopbackName(host)
  const production = whyProduction(host, own, permissions.environment)
  const missing: string[] = []
  if (!own && !isAllowed(host, addresses, patterns)) missing.push(`--allow-host ${host}`)
  if (production !== undefined && !permissions.allowProduction) missing.push('--allow-production')
  if (missing.length > 0) throw notAllowed(host, production, missing, permissions.what)
}

function notAllowed(
  host: string,
  production: string | undefined,
  missing: readonly string[],
  what = 'load',
): UsageError {
  const why = production === undefined ? '' : `, which ${production},`
  return new UsageError(`${what} on ${host}${why} is not allowed: to allow it, add ${missing.join(' ')}`)
}

/** A tunnel to production looks like loopback, so the profile's word counts for this machine too. */
function whyProduction(host: string, own: boolean, environment: string | undefined): string | undefined {
  if (isProductionEnvironment(environment)) return `is '${environment ?? ''}' by its profile`
  return !own && looksLikeProduction(host) ? 'looks like production' : undefined
}

function isAllowed(host: string, addresses: readonly string[], patterns: readonly HostPattern[]): boolean {
  if (patterns.some((pattern) => pattern.matchesHost(host))) return true
  return (
    addresses.length > 0 && addresses.every((address) => patterns.some((pattern) => pattern.matchesAddress(address)))
  )
}

/** None when there is no such host: whether it would be allowed is said first. */
async function addressesOf(host: string, lookup: Lookup): Promise<{addresses: readonly string[]; cause?: unknown}> {
  if (isIP(host) !== 0) return {addresses: [host]}
  try {
    return {addresses: [...new Set(await lookup(host))]}
  } catch (cause) {
    return {addresses: [], cause}
  }
}

function unresolved(host: string, cause: unknown): TargetError {
  return new TargetError(`${host} resolves to no address`, {
    cause,
    hint: 'check its spelling, and that this machine can see it (VPN, DNS)',
  })
}

function hostOf(url: string): string {
  const host = URL.canParse(url) ? bareHost(decodeURIComponent(new URL(url).hostname)) : ''
  if (host === '') throw new UsageError('a URL without a host cannot be checked against the allow-list')
  return host
}
