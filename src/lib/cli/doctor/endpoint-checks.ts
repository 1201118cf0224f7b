/** Whether each endpoint can be reached at all: its addresses, a TCP connection to each, and its certificate. */
import {isIP} from 'node:net'
import type {Clock} from '../../base/clock.js'
import {formatCount, formatDuration} from '../../base/format-units.js'
import {redact} from '../../base/redact.js'
import {DAY} from '../../base/units.js'
import {tlsHint} from '../../protocols/tls.js'
import type {Check, Remedy} from '../../report/diagnosis-schema.js'
import type {AllowedTarget} from '../../targets/safety/allow-list.js'
import type {Tls} from '../../targets/target.js'
import {type Door, lookAtTls, reachTcp, type TlsSeen} from './reach.js'

export interface Endpoint {
  readonly url: string
  /** `node 2`, or nothing when there is but one. */
  readonly label: string
  /** Undefined when it has no address. */
  readonly host: AllowedTarget | undefined
}

/** Certificates are renewed well before this. */
const SOON = 14 * DAY

export async function endpointChecks(endpoint: Endpoint, tls: Tls, clock: Clock): Promise<Check[]> {
  const {host, url} = endpoint
  if (host === undefined) return [noAddress(endpoint)]
  const secure = /^(wss|https):/i.test(url)
  const doors = host.addresses.map((address): Door => ({address, port: portOf(url, secure), host: host.host}))
  const dns = row(endpoint, 'dns', 'ok', `${redact(url)} · ${addressWords(host)}`)
  const tcp = await tcpCheck(endpoint, doors, clock)
  const [door] = tcp.open
  if (!secure || door === undefined) return [dns, tcp.check]
  return [dns, tcp.check, tlsCheck(endpoint, {door, tls, now: clock.date()}, await lookAtTls(door, tls, clock))]
}

export function noAddress(endpoint: Endpoint): Check {
  return row(endpoint, 'dns', 'problem', `${redact(endpoint.url)} · resolves to no address`, [
    {what: 'check its spelling, and that this machine can see it (VPN, DNS)'},
  ])
}

function row(
  {label}: Endpoint,
  what: string,
  state: Check['state'],
  ...[value, remedies = []]: [string, Remedy[]?]
): Check {
  return {area: 'endpoint', name: label === '' ? what : `${label} ${what}`, state, value, remedies}
}

function portOf(url: string, secure: boolean): number {
  const {port} = new URL(url)
  return port === '' ? (secure ? 443 : 80) : Number(port)
}

function addressWords({addresses}: AllowedTarget): string {
  return `${addresses.length === 1 ? 'address' : `${addresses.length} addresses`} ${addresses.join(', ')}`
}

async function tcpCheck(
  endpoint: Endpoint,
  doors: readonly Door[],
  clock: Clock,
): Promise<{check: Check; open: readonly Door[]}> {
  const tried = await Promise.all(doors.map(async (door) => ({door, reached: await reachTcp(door, clock)})))
  const open = tried.flatMap(({door, reached}) => (reached.ok ? [door] : []))
  const words = tried.map(({door, reached}) => {
    const where = doors.length === 1 ? '' : `${door.address} `
    return reached.ok
      ? `${where}connected in ${formatDuration(reached.ms)}`
      : `${where}port ${door.port}: ${reached.why}`
  })
  const state = open.length === doors.length ? 'ok' : open.length > 0 ? 'warning' : 'problem'
  const remedy = {what: 'is it running, is the port right, and does no firewall stand in between?'}
  return {check: row(endpoint, 'tcp', state, words.join(', '), state === 'ok' ? [] : [remedy]), open}
}

interface Looked {
  readonly door: Door
  readonly tls: Tls
  readonly now: Date
}

/** What a TLS handshake showed, in words. */
export function tlsCheck(
  endpoint: Endpoint,
  {door, tls, now}: Looked,
  seen: TlsSeen | {ok: false; why: string},
): Check {
  if (!seen.ok) {
    const what = tlsHint(seen.why) ?? 'is it a TLS port? Write ws:// in place of wss:// where it is not'
    return row(endpoint, 'tls', 'problem', `no handshake: ${seen.why}`, [{what}])
  }
  const left = Date.parse(seen.validTo) - now.getTime()
  const value = [
    `${seen.version} in ${formatDuration(seen.ms)}`,
    `certificate of ${seen.subject}${seen.names === '' ? '' : ` (${seen.names})`}`,
    `issued by ${seen.issuer}`,
    validWords(left, seen.validTo),
    seen.error === undefined ? 'verified' : `not verified: ${seen.error}`,
  ].join(' · ')
  if (seen.error !== undefined) {
    const state = tls.insecure ? 'warning' : 'problem'
    return row(
      endpoint,
      'tls',
      state,
      tls.insecure ? `${value}, accepted by --insecure` : value,
      mending(seen.error, door),
    )
  }
  if (left > SOON) return row(endpoint, 'tls', 'ok', value)
  return row(endpoint, 'tls', 'warning', value, [{what: 'renew the certificate before it expires'}])
}

function validWords(left: number, validTo: string): string {
  const days = formatCount(Math.floor(Math.abs(left) / DAY))
  return left < 0 ? `expired ${days} d ago (${validTo})` : `expires in ${days} d (${validTo})`
}

/** Codes of a certificate whose authority is not known: it can be fetched and given. */
const UNKNOWN = /SELF_SIGNED|ISSUER|VERIFY_LEAF/

function mending(error: string, {address, port, host}: Door): Remedy[] {
  const what = tlsHint(error) ?? 'accept any certificate with --insecure, if this is a test system'
  if (!UNKNOWN.test(error)) return [{what}]
  const where = `${address.includes(':') ? `[${address}]` : address}:${port}`
  const named = isIP(host) === 0 ? ` -servername ${host}` : ''
  return [
    {what},
    {
      what: 'fetch what it shows, and trust it only when you know that it is yours',
      command: `openssl s_client -connect ${where}${named} </dev/null | openssl x509 > ca.pem`,
    },
  ]
}
