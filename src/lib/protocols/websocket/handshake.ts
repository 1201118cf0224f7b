/**
 * The client's opening handshake (RFC 6455, section 4.1) on a socket of our own. node:http can do it too, but its requests, parsers and
 * messages are most of what a connection costs, in time as in garbage, and 50,000 are opened in seconds.
 */
import {createHash, randomFillSync} from 'node:crypto'
import {validateHeaderName, validateHeaderValue, type OutgoingHttpHeaders} from 'node:http'
import type {Socket} from 'node:net'

/** What is asked for. */
export interface Opening {
  readonly url: URL
  readonly headers: OutgoingHttpHeaders
  readonly subprotocols: readonly string[]
}

/** Names in lower case; of a name that comes twice, the values are joined by commas. */
export type AnswerHeaders = Readonly<Record<string, string>>

export interface HandshakeListener {
  /** The socket speaks WebSocket from now on; `head` is what came of it already. */
  agreed(subprotocol: string, head: Buffer): void
  /** Any other status than 101. */
  answered(status: number, headers: AnswerHeaders): void
  /** The connection broke, or what came back is no agreement. */
  failed(error: Error): void
}

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'
const END_OF_HEAD = '\r\n\r\n'
/** As node:http allows. */
const LONGEST_HEAD = 16 * 1024
const KEY_BYTES = 16
/** Fresh random bytes for the keys, fetched for many at once. */
const pool = Buffer.allocUnsafe(256 * KEY_BYTES)
let used = pool.length

/** The request as it goes out, and what its answer is held against. */
export interface Invitation {
  readonly text: string
  readonly key: string
  readonly subprotocols: readonly string[]
}

/** Throws for a header that cannot be sent. */
export function inviting(opening: Opening): Invitation {
  const key = freshKey()
  return {text: requestOf(opening, key), key, subprotocols: opening.subprotocols}
}

/** Asks at once, also on a socket that is still connecting; tells the listener one thing, once. */
export function shakeHands(socket: Socket, invitation: Invitation, listener: HandshakeListener): void {
  socket.write(invitation.text, 'latin1')
  let head: Buffer | undefined
  const onData = (chunk: Buffer): void => {
    head = head ? Buffer.concat([head, chunk]) : chunk
    const end = head.indexOf(END_OF_HEAD)
    if (end < 0 && head.length < LONGEST_HEAD) return
    letGo()
    if (end < 0) listener.failed(new Error('header-overflow'))
    else decide(head.toString('latin1', 0, end), head.subarray(end + END_OF_HEAD.length), {invitation, listener})
  }
  const onEnd = (): void => {
    letGo()
    listener.failed(Object.assign(new Error('socket hang up'), {code: 'ECONNRESET'}))
  }
  const onError = (error: Error): void => {
    letGo()
    listener.failed(error)
  }
  const letGo = (): void => {
    socket.off('data', onData).off('end', onEnd).off('close', onEnd).off('error', onError)
  }
  socket.on('data', onData).on('end', onEnd).on('close', onEnd).on('error', onError)
}

function freshKey(): string {
  if (used === pool.length) {
    randomFillSync(pool)
    used = 0
  }
  return pool.toString('base64', used, (used += KEY_BYTES))
}

function requestOf({url, headers, subprotocols}: Opening, key: string): string {
  let own = ''
  let host = url.host
  let authorization = url.username || url.password ? basic(url) : undefined
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined) continue
    validateHeaderName(name)
    validateHeaderValue(name, String(value))
    const lower = name.toLowerCase()
    if (lower === 'host') host = String(value)
    else own += `${name}: ${String(value)}\r\n`
    if (lower === 'authorization') authorization = undefined
  }
  if (authorization !== undefined) own += `Authorization: ${authorization}\r\n`
  if (subprotocols.length > 0) own += `Sec-WebSocket-Protocol: ${subprotocols.join(',')}\r\n`
  return (
    `GET ${url.pathname}${url.search} HTTP/1.1\r\nHost: ${host}\r\n${own}` +
    `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`
  )
}

function basic({username, password}: URL): string {
  const text = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return `Basic ${Buffer.from(text).toString('base64')}`
}

interface Asked {
  readonly invitation: Invitation
  readonly listener: HandshakeListener
}

function decide(text: string, rest: Buffer, {invitation, listener}: Asked): void {
  const [first = '', ...lines] = text.split('\r\n')
  const status = Number(/^HTTP\/1\.[01] (\d{3})(?: |$)/.exec(first)?.[1])
  if (Number.isNaN(status)) return listener.failed(new Error('not-http'))
  const headers = headersIn(lines)
  if (status !== 101) return listener.answered(status, headers)
  const why = objection(headers, invitation)
  if (why === undefined) listener.agreed(headers['sec-websocket-protocol'] ?? '', rest)
  else listener.failed(new Error(why))
}

function headersIn(lines: readonly string[]): AnswerHeaders {
  const headers: Record<string, string> = {}
  for (const line of lines) {
    const colon = line.indexOf(':')
    const name = line.slice(0, Math.max(0, colon)).toLowerCase()
    const value = line.slice(colon + 1).trim()
    headers[name] = Object.hasOwn(headers, name) ? `${headers[name] ?? ''}, ${value}` : value
  }
  return headers
}

/** Why the answer is no agreement; undefined when it is one. */
function objection(headers: AnswerHeaders, {key, subprotocols}: Invitation): string | undefined {
  if (headers['upgrade']?.toLowerCase() !== 'websocket') return 'invalid-upgrade-header'
  if (headers['sec-websocket-accept'] !== acceptOf(key)) return 'invalid-accept-header'
  if (headers['sec-websocket-extensions'] !== undefined) return 'extension-not-requested'
  const given = headers['sec-websocket-protocol']
  if (given === undefined) return subprotocols.length > 0 ? 'no-subprotocol-agreed' : undefined
  return subprotocols.includes(given) ? undefined : 'subprotocol-not-requested'
}

function acceptOf(key: string): string {
  return createHash('sha1')
    .update(key + GUID)
    .digest('base64')
}
