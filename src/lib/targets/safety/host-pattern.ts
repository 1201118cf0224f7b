/** The patterns of `allowHosts` and `--allow-host`: a host, `*.a.domain`, an IP address, or a CIDR. */
import {BlockList, isIP} from 'node:net'
import {domainToASCII} from 'node:url'
import {UsageError} from '../../base/errors.js'

export interface HostPattern {
  readonly text: string
  /** Whether it names this host, as it was typed. */
  matchesHost(host: string): boolean
  /** Whether it covers this address; patterns of names cover none. */
  matchesAddress(address: string): boolean
}

/** Reads one pattern. Throws a UsageError for what is no pattern, such as a URL, and for `*` alone, which would allow everything. */
export function hostPattern(text: string): HostPattern {
  const bare = bareHost(text.trim())
  if (bare.includes('://')) throw new UsageError(`allowed host '${text}' is a URL: write only its host${hostOf(bare)}`)
  if (bare.includes('/')) return networkPattern(text, bare)
  if (isIP(bare) !== 0) return addressPattern(text, bare)
  if (bare.startsWith('*.')) return domainPattern(text, domainToASCII(bare.slice(2)))
  const host = domainToASCII(bare)
  if (!isName(host)) throw notAPattern(text)
  return namePattern(text, (other) => other === host)
}

/** At least two labels, for `*.com` would allow half the world. */
function domainPattern(text: string, domain: string): HostPattern {
  if (!isName(domain) || !domain.includes('.')) throw notAPattern(text)
  return namePattern(text, (other) => other.endsWith(`.${domain}`))
}

function notAPattern(text: string): UsageError {
  if (text.includes('*')) {
    return new UsageError(`allowed host '${text}' is too wide: write a host, or *.staging.example for all below one`)
  }
  return new UsageError(
    `allowed host '${text}' is not a host: write a name, *.staging.example, an IP address or a CIDR, without a port`,
  )
}

/** A host as it is compared: lower case, without brackets and without the dot at the end. */
export function bareHost(host: string): string {
  return host
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '')
}

function namePattern(text: string, matches: (host: string) => boolean): HostPattern {
  return {text, matchesHost: (host) => matches(bareHost(host)), matchesAddress: () => false}
}

function addressPattern(text: string, address: string): HostPattern {
  const list = new BlockList()
  list.addAddress(address, family(address))
  return listPattern(text, list)
}

function networkPattern(text: string, bare: string): HostPattern {
  const [network = '', length = '', ...rest] = bare.split('/')
  const bits = Number(length)
  const most = isIP(network) === 4 ? 32 : 128
  if (isIP(network) === 0 || rest.length > 0 || !/^\d{1,3}$/.test(length) || bits > most) {
    throw new UsageError(`allowed host '${text}' is not a CIDR: write it like 10.0.0.0/8 or fd00::/8`)
  }
  if (bits === 0) throw new UsageError(`allowed host '${text}' is too wide: it would allow every host`)
  const list = new BlockList()
  list.addSubnet(network, bits, family(network))
  return listPattern(text, list)
}

function listPattern(text: string, list: BlockList): HostPattern {
  const covers = (address: string): boolean => {
    const bare = bareHost(address)
    return isIP(bare) !== 0 && list.check(bare, family(bare))
  }
  return {text, matchesHost: covers, matchesAddress: covers}
}

function isName(text: string): boolean {
  return text.length <= 253 && text.split('.').every((label) => /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/.test(label))
}

function hostOf(url: string): string {
  const host = URL.canParse(url) ? new URL(url).hostname : ''
  return host === '' ? '' : `, ${host}`
}

/** The family of an IP address, as BlockList wants it. */
export function family(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4'
}
