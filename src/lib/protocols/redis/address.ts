/** Redis URLs as a user types them: of one server, of a cluster, or of the sentinels that know where the server is. */
import {UsageError} from '../../base/errors.js'
import {redact} from '../../base/redact.js'

export interface HostAndPort {
  readonly host: string
  readonly port: number
}

/** Where a Redis is and who we are there; may hold a password. */
export interface RedisAddress {
  readonly kind: 'server' | 'cluster' | 'sentinel'
  /** One server; some nodes of the cluster; or the sentinels. */
  readonly hosts: readonly HostAndPort[]
  readonly tls: boolean
  readonly username?: string
  readonly password?: string
  readonly database: number
  /** What the sentinels call the server; '' for the other kinds. */
  readonly master: string
  /** For messages, without secrets: `127.0.0.1:6379`. */
  readonly place: string
}

const SCHEME = /^(rediss?)(?:\+(cluster|sentinel))?:\/\/(.*)$/i
const PORTS = {server: 6379, cluster: 6379, sentinel: 26_379} as const
const FORMS =
  'write redis://[user:password@]host[:6379][/database], redis+cluster://[user:password@]host:port,host:port or ' +
  'redis+sentinel://[user:password@]host[:26379],host/masterName[/database]; rediss for TLS'

/**
 *   redis://[user:password@]host[:6379][/database]
 *   redis+cluster://[user:password@]host[:6379],host[:6379],…
 *   redis+sentinel://[user:password@]host[:26379],host[:26379],…/masterName[/database]
 *
 * with `rediss` in place of `redis` for TLS (with sentinels to them as well). `:password@` and `user@` alone are possible; special characters are percent-encoded. User
 * and password are those of the servers: sentinels are asked without. Throws a UsageError for anything else.
 */
export function parseRedisUrl(text: string): RedisAddress {
  const {scheme, kind, secrets, hosts, path} = partsOf(text)
  const read = hosts.map((host) => hostAndPort(host, kind, text))
  return {
    kind,
    hosts: read,
    tls: scheme === 'rediss',
    ...credentials(secrets, text),
    ...behindHosts(kind, path, text),
    place: read.map((host) => placeOf(host)).join(','),
  }
}

/** The one URL of a share. Throws a UsageError when there are several: what is spread over many servers is a cluster. */
export function oneRedisUrl(urls: readonly string[]): RedisAddress {
  const [url] = urls
  if (url !== undefined && urls.length === 1) return parseRedisUrl(url)
  throw new UsageError(`one Redis URL is needed, and ${urls.length} were given`, {
    hint: 'for a cluster write redis+cluster://host:port,host:port',
  })
}

/** A cluster's nodes as servers by themselves, for what any of them does; any other URL as it is. */
export function eachNode(urls: readonly string[]): readonly string[] {
  const {kind, hosts} = oneRedisUrl(urls)
  if (kind !== 'cluster') return urls
  const {scheme, secrets} = partsOf(urls[0] ?? '')
  return hosts.map((host) => `${scheme}://${secrets === '' ? '' : `${secrets}@`}${placeOf(host)}`)
}

/** The URL that a connection of this number uses, as the only one. */
export function nodeOf(urls: readonly string[], connection: number): readonly string[] {
  return urls.slice(connection % urls.length, (connection % urls.length) + 1)
}

interface Parts {
  readonly scheme: string
  readonly kind: RedisAddress['kind']
  readonly secrets: string
  readonly hosts: readonly string[]
  readonly path: readonly string[]
}

function partsOf(text: string): Parts {
  const found = SCHEME.exec(text)
  if (found === null) throw unreadable(text, 'it begins with none of redis://, rediss:// and their forms')
  const [, scheme = '', many = 'server', rest = ''] = found
  const [authority = '', ...path] = (rest.split(/[?#]/)[0] ?? '').split('/')
  const at = authority.lastIndexOf('@')
  const hosts = authority.slice(at + 1).split(',')
  const kind = many.toLowerCase() as RedisAddress['kind']
  if (kind === 'server' && hosts.length > 1) throw unreadable(text, 'it names several hosts')
  return {scheme: scheme.toLowerCase(), kind, secrets: authority.slice(0, Math.max(0, at)), hosts, path}
}

function placeOf({host, port}: HostAndPort): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`
}

function hostAndPort(text: string, kind: RedisAddress['kind'], url: string): HostAndPort {
  const [, six, name, port] = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::(\d{1,5}))?$/i.exec(text) ?? []
  const host = six ?? name
  if (host === undefined) throw unreadable(url, 'a host in it is no name and no IP address')
  const number = port === undefined ? PORTS[kind] : Number(port)
  if (number < 1 || number > 65_535) throw unreadable(url, 'a port in it is not between 1 and 65535')
  return {host, port: number}
}

function credentials(text: string, url: string): Pick<RedisAddress, 'username' | 'password'> {
  const colon = text.indexOf(':')
  const username = decoded(colon < 0 ? text : text.slice(0, colon), url)
  const password = colon < 0 ? '' : decoded(text.slice(colon + 1), url)
  return {...(username === '' ? {} : {username}), ...(password === '' ? {} : {password})}
}

function behindHosts(
  kind: RedisAddress['kind'],
  path: readonly string[],
  url: string,
): Pick<RedisAddress, 'master' | 'database'> {
  const parts = path.filter((part) => part !== '')
  const master = kind === 'sentinel' ? decoded(parts.shift() ?? '', url) : ''
  if (kind === 'sentinel' && master === '') throw unreadable(url, 'it does not say what the sentinels call the server')
  const [database = '0', ...more] = parts
  if (more.length > 0 || !/^\d{1,5}$/.test(database)) throw unreadable(url, 'what follows its hosts is no database')
  if (kind === 'cluster' && Number(database) !== 0) throw unreadable(url, 'a cluster has no database but 0')
  return {master, database: Number(database)}
}

function decoded(text: string, url: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw unreadable(url, 'it has a % that stands for nothing')
  }
}

function unreadable(url: string, why: string): UsageError {
  return new UsageError(`'${redact(url)}' is not a Redis URL: ${why}`, {hint: FORMS})
}
