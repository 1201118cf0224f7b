/** Puts a fault proxy of ours between us and the target, for faults that say `proxy=target`. */
import type {FaultGround, ProxyHandle} from '../faults/fault.js'
import {endOf} from '../protocols/detour.js'
import type {Target} from '../targets/target.js'
import type {Belongings} from './belongings.js'
import {LINK_TO_TARGET} from './fault-ground.js'

/** One process of the proxy carries 9,500 connections (see `proofload proxy`). */
const CONNECTIONS_A_PROCESS = 9000

interface Linked {
  readonly target: Target
  readonly ground: FaultGround
}

interface Around {
  readonly sockets: number
  readonly seed: string
  readonly belongings: Belongings
}

/** One proxy for each address of each URL; the target keeps its URLs and learns the detours. Throws a TargetError when a proxy does not start. */
export async function linkOverProxy({target, ground}: Linked, {sockets, seed, belongings}: Around): Promise<Linked> {
  const {startProxies} = await import('../faults/proxy/start.js')
  const ends = [...new Set(endsOf(target))]
  const names = ends.map((_, index) => (ends.length === 1 ? LINK_TO_TARGET : `${LINK_TO_TARGET}-${index + 1}`))
  const requests = ends.map((upstream, index) => ({name: names[index] ?? LINK_TO_TARGET, upstream}))
  const processes = Math.max(1, Math.ceil(sockets / CONNECTIONS_A_PROCESS))
  const proxies = belongings.keep('the fault proxy', await startProxies(requests, {seed, processes}))
  const detours = Object.fromEntries(requests.map(({name, upstream}) => [upstream, proxies.listens[name] ?? '']))
  const handle: ProxyHandle = {api: proxies.api, names}
  return {
    target: {...target, detours},
    ground: {...ground, proxies: {...ground.proxies, [LINK_TO_TARGET]: handle}},
  }
}

function endsOf({urls, allowed}: Target): string[] {
  return allowed
    .filter(({url}) => urls.includes(url))
    .flatMap(({url, addresses}) => addresses.map((address) => endOf(url, address)))
}
