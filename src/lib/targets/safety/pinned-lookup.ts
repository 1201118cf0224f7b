/** Keeps connections to the addresses that were checked, whatever DNS says later. */
import {isIP, type LookupFunction} from 'node:net'
import type {AllowedTarget} from './allow-list.js'
import {bareHost} from './host-pattern.js'

/** A `lookup` for net, tls, ws and undici that knows the checked hosts and refuses every other, so that no redirect leads away. */
export function pinnedLookup(allowed: readonly AllowedTarget[]): LookupFunction {
  const known = new Map(allowed.map((target) => [target.host, target.addresses]))
  return (hostname, options, callback) => {
    const addresses = (known.get(bareHost(hostname)) ?? []).map((address) => ({address, family: isIP(address)}))
    const wanted = addresses.filter(({family}) => !isFamily(options.family) || family === options.family)
    const [first] = wanted
    if (!first) callback(new Error(`${hostname} was not checked against the allow-list`), '')
    else if (options.all === true) callback(null, wanted)
    else callback(null, first.address, first.family)
  }
}

/** The same for one host, of which it knows one address alone. */
export function pinnedTo(host: string, address: string): LookupFunction {
  return pinnedLookup([{url: '', host, addresses: [address], loopback: false}])
}

function isFamily(family: unknown): family is 4 | 6 {
  return family === 4 || family === 6
}
