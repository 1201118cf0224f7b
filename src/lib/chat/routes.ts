/** From where to where each user connects: every address of every node, from each of our own addresses, in turn. */
import {isIP, type LookupFunction} from 'node:net'
import {UsageError} from '../base/errors.js'
import type {AllowedTarget} from '../targets/safety/allow-list.js'
import {pinnedTo} from '../targets/safety/pinned-lookup.js'

/** One address of a node, and one of ours of the same family; undefined leaves ours to the system. */
export interface Route {
  readonly address: string
  readonly lookup: LookupFunction
  readonly localAddress: string | undefined
}

/** Every pair, those to different addresses first. Throws a UsageError when none of `sources` is of the family of any address. */
export function routesTo({host, addresses}: AllowedTarget, sources: readonly string[]): readonly Route[] {
  const towards = addresses.map((address) => ({address, lookup: pinnedTo(host, address)}))
  if (sources.length === 0) return towards.map((one) => ({...one, localAddress: undefined}))
  const routes = sources.flatMap((localAddress) =>
    towards.filter(({address}) => isIP(address) === isIP(localAddress)).map((one) => ({...one, localAddress})),
  )
  if (routes.length > 0) return routes
  throw new UsageError(`no --source-address can reach ${host}: it answers at ${addresses.join(', ')}`, {
    hint: 'give an address of the same family, IPv4 or IPv6',
  })
}

/**
 * Neighbours by number sit in one room and go to different nodes, so that every broadcast has to cross processes; those of one node go
 * to its addresses in turn, and only then to the next of our own, so that every pair has its share of the ports.
 */
export function routeOf(user: number, nodes: readonly (readonly Route[])[], node = user): Route | undefined {
  const routes = nodes[node % nodes.length]
  return routes?.[Math.floor(user / nodes.length) % routes.length]
}
