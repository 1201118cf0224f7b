/** How each user reaches the target: which node, from which of our addresses, with which headers and certificates. */
import type {LookupFunction} from 'node:net'
import type {ClientOptions} from 'ws'
import {endOf, overDetour} from '../protocols/detour.js'
import {compileTemplate} from '../protocols/template.js'
import {connectTls, tlsOptions} from '../protocols/tls.js'
import {WHO, type Dialect, type Who} from '../protocols/websocket/dialect.js'
import {routeOf, routesTo} from './routes.js'
import type {Seating} from './share.js'

export interface Dialled {
  readonly url: string
  /** For ws, and for node:http where the protocol speaks that. */
  readonly options: DialOptions
}

/** `lookup` is handed on to net.connect, which the types of ws do not say. */
export type DialOptions = ClientOptions & {readonly lookup: LookupFunction}

/** Throws a UsageError for certificates, and for addresses of ours, that cannot be used. */
export function dialling(
  {target, sources}: Pick<Seating, 'target' | 'sources'>,
  dialect: Dialect,
): (user: number, who: Who, node?: number) => Dialled {
  const nodes = target.urls.map((url) =>
    target.allowed.filter((allowed) => allowed.url === url).flatMap((allowed) => routesTo(allowed, sources)),
  )
  const limits = {perMessageDeflate: false, maxPayload: dialect.maxFrame}
  const secured = target.urls.some((url) => /^(wss|https):/i.test(url)) ? securedBy(target.tls) : {}
  const headers = Object.entries({...target.profile.headers, ...target.headers})
    .map(([name, value]) => [name, compileTemplate(value, WHO)] as const)
    .concat(dialect.headers)
  return (user, who, node = user) => {
    const url = target.urls[node % target.urls.length] ?? ''
    const route = routeOf(user, nodes, node)
    if (!route) throw new Error(`${url} was not checked against the allow-list`)
    const {lookup, localAddress, address} = route
    return {
      url: dialect.url(url, who),
      options: {
        ...limits,
        lookup,
        ...(/^(wss|https):/i.test(url) ? secured : {}),
        ...detourOf(target, url, address),
        ...(localAddress === undefined ? {} : {localAddress}),
        ...(headers.length === 0
          ? {}
          : {headers: Object.fromEntries(headers.map(([name, value]) => [name, value.fill(who)]))}),
      },
    }
  }
}

/** The types of ws know neither a shared context nor a connection that is a TLS one. */
function securedBy(tls: Seating['target']['tls']): ClientOptions {
  return {...tlsOptions(tls), createConnection: connectTls} as unknown as ClientOptions
}

/** Where a fault proxy of ours lies between us and the target, only the socket leads there. */
function detourOf({detours = {}}: Seating['target'], url: string, address: string): object {
  const listens = detours[endOf(url, address)]
  if (listens === undefined) return {}
  const {hostname, port} = new URL(`tcp://${listens}`)
  return {createConnection: overDetour({host: hostname, port: Number(port)}, /^wss:/i.test(url))}
}
