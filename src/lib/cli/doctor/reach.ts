/** Reaches for an address: how long a TCP connection takes, and what a TLS handshake shows of the other side. */
import {connect, isIP, type Socket} from 'node:net'
import {connect as connectTls, type PeerCertificate, type TLSSocket} from 'node:tls'
import type {Clock} from '../../base/clock.js'
import type {Ms} from '../../base/units.js'
import type {Tls} from '../../targets/target.js'

/** Milliseconds, or why there is no connection. */
export type Reached = {readonly ok: true; readonly ms: Ms} | {readonly ok: false; readonly why: string}

export interface Door {
  readonly address: string
  readonly port: number
  /** The name that was asked for: certificates are made out to it. */
  readonly host: string
}

const PATIENCE: Ms = 5000

/** Connects and closes again. Never rejects. */
export function reachTcp({address, port}: Door, clock: Clock): Promise<Reached> {
  const start = clock.now()
  const socket = connect({host: address, port, timeout: PATIENCE})
  return outcome(socket, 'connect', () => ({ok: true, ms: clock.now() - start}))
}

export interface TlsSeen {
  readonly ok: true
  readonly ms: Ms
  readonly version: string
  readonly subject: string
  readonly issuer: string
  /** Names that it is made out to. */
  readonly names: string
  /** As OpenSSL writes it: `Nov 20 13:00:00 2036 GMT`. */
  readonly validTo: string
  /** Code of what is wrong with the certificate; undefined when it is verified. */
  readonly error: string | undefined
}

/** Shakes hands whatever the certificate is, to see what is wrong with it. Nothing is sent afterwards. Never rejects. */
export function lookAtTls(door: Door, tls: Tls, clock: Clock): Promise<TlsSeen | {ok: false; why: string}> {
  const {ca, cert, key} = tls
  const start = clock.now()
  const socket = connectTls({
    host: door.address,
    port: door.port,
    timeout: PATIENCE,
    rejectUnauthorized: false,
    servername: isIP(door.host) === 0 ? door.host : '',
    ...(ca === undefined ? {} : {ca}),
    ...(cert === undefined ? {} : {cert}),
    ...(key === undefined ? {} : {key}),
  })
  return outcome(socket, 'secureConnect', () => seen(socket, clock.now() - start))
}

function seen(socket: TLSSocket, ms: Ms): TlsSeen {
  const certificate = socket.getPeerCertificate()
  return {
    ok: true,
    ms,
    version: socket.getProtocol() ?? 'unknown',
    subject: nameIn(certificate, 'subject'),
    issuer: nameIn(certificate, 'issuer'),
    names: (certificate.subjectaltname ?? '').replaceAll('DNS:', '').replaceAll('IP Address:', ''),
    validTo: certificate.valid_to,
    error: socket.authorized ? undefined : codeOf(socket.authorizationError),
  }
}

/** The common name, else the organisation. */
function nameIn(certificate: Partial<PeerCertificate>, part: 'subject' | 'issuer'): string {
  const {CN, O} = certificate[part] ?? {}
  return [CN ?? O ?? 'nobody'].flat().join(', ')
}

/** Typed as an Error, told as a code. */
function codeOf(error: unknown): string {
  if (error instanceof Error) return 'code' in error ? String(error.code) : error.message
  return typeof error === 'string' ? error : 'unknown'
}

function outcome<Good>(socket: Socket, event: string, good: () => Good): Promise<Good | {ok: false; why: string}> {
  return new Promise((resolve) => {
    const end = (result: Good | {ok: false; why: string}) => {
      resolve(result)
      socket.destroy()
    }
    socket.once(event, () => end(good()))
    socket.once('timeout', () => end({ok: false, why: `no answer within ${PATIENCE / 1000} s`}))
    socket.on('error', (error) => end({ok: false, why: codeOf(error)}))
    socket.once('close', () => end({ok: false, why: 'it was closed at once'}))
  })
}
