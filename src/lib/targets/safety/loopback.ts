/** Which addresses and names are this machine's own: load on them needs no permission. */
import {BlockList, isIP} from 'node:net'
import {bareHost, family} from './host-pattern.js'

const LOOPBACK = new BlockList()
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4')
LOOPBACK.addAddress('::1', 'ipv6')
LOOPBACK.addSubnet('::ffff:127.0.0.0', 104, 'ipv6')

/** Whether an IP address is loopback: 127.0.0.0/8, ::1, and 127.0.0.0/8 written as IPv6. A name never is. */
export function isLoopback(address: string): boolean {
  const bare = bareHost(address)
  return isIP(bare) !== 0 && LOOPBACK.check(bare, family(bare))
}

/** Whether a name is reserved for this machine (RFC 6761, section 6.3, and what systems put into their hosts file). */
export function isLoopbackName(host: string): boolean {
  return /^(.+\.)?localhost$|^localhost[46]?(\.localdomain[46]?)?$|^ip6-(localhost|loopback)$/.test(bareHost(host))
}

/** Whether a name at least poses as this machine, as in localhost.example.com. */
export function looksLikeLoopback(host: string): boolean {
  return isLoopbackName(host) || bareHost(host).split('.').includes('localhost')
}
