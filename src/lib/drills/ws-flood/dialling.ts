/** How each user reaches the target: which node, from which of our addresses, with which headers and certificates. */
import type {LookupFunction} from 'node:net'
import type {ClientOptions} from 'ws'
import {compileTemplate} from '../../protocols/template.js'
import {WHO, type Dialect, type Who} from '../../protocols/websocket/dialect.js'
import {pinnedLookup} from '../../targets/safety/pinned-lookup.js'
import type {WsFloodShare} from './share.js'

export interface Dialled {
  readonly url: string
  readonly options: ClientOptions
}

/** Neighbours by number sit in one room and go to different nodes, so that every broadcast has to cross processes. */
export function dialling(
  {target, sources}: WsFloodShare,
  dialect: Dialect,
): (user: number, who: Who, node?: number) => Dialled {
  const {insecure, ...certificates} = target.tls
  // `lookup` is handed on to net.connect, which the types of ws do not say.
  const common: ClientOptions & {readonly lookup: LookupFunction} = {
    perMessageDeflate: false,
    maxPayload: dialect.maxFrame,
    lookup: pinnedLookup(target.allowed),
    ...certificates,
    ...(insecure ? {rejectUnauthorized: false} : {}),
  }
  const headers = Object.entries({...target.profile.headers, ...target.headers})
    .map(([name, value]) => [name, compileTemplate(value, WHO)] as const)
    .concat(dialect.headers)
  return (user, who, node = user) => {
    const localAddress = sources[user % sources.length]
    return {
      url: dialect.url(target.urls[node % target.urls.length] ?? '', who),
      options: {
        ...common,
        ...(localAddress === undefined ? {} : {localAddress}),
        ...(headers.length === 0
          ? {}
          : {headers: Object.fromEntries(headers.map(([name, value]) => [name, value.fill(who)]))}),
      },
    }
  }
}
