/** Signs JSON Web Tokens with a test key (RFC 7515, RFC 7519): HS256 or RS256. */
import {createHmac, createPrivateKey, type KeyObject, sign as signWith} from 'node:crypto'
import {readFileSync} from 'node:fs'
import type {Clock} from '../../base/clock.js'
import {UsageError} from '../../base/errors.js'
import {parseDuration} from '../../base/parse-units.js'
import type {Ms} from '../../base/units.js'
import {compileJsonTemplate, USER_NAMES} from './claims.js'
import type {SignAuth} from './schema.js'
import type {UserValues} from './token-source.js'

const DEFAULT_CLAIMS = {sub: '{{user}}'}

const DEFAULT_EXPIRES_IN = '1h'

type Signer = (text: string) => string

/**
 * A function from a user to its token; `iat` and `exp` are set unless the claims say otherwise. A token is kept for half its life, because
 * RS256 takes about a millisecond of CPU. Throws a UsageError for a key that cannot be read or used.
 */
export function tokenSigner(auth: SignAuth, clock: Clock): (values: UserValues) => string {
  const claims = compileJsonTemplate(auth.claims ?? DEFAULT_CLAIMS, USER_NAMES)
  const expiresInMs = parseDuration(auth.expiresIn ?? DEFAULT_EXPIRES_IN, {positive: true, name: 'auth.expiresIn'})
  const sign = auth.algorithm === 'HS256' ? hs256(keyOf(auth)) : rs256(keyOf(auth))
  const head = base64Url({alg: auth.algorithm, typ: 'JWT'})
  const kept = new Map<number, {readonly token: string; readonly until: Ms}>()
  return (values) => {
    const known = kept.get(values.n)
    if (known && clock.now() < known.until) return known.token
    const said = JSON.parse(claims.fillJson(values)) as Record<string, unknown>
    const token = sign(`${head}.${base64Url({...timesFrom(clock.date(), expiresInMs), ...said})}`)
    kept.set(values.n, {token, until: clock.now() + expiresInMs / 2})
    return token
  }
}

/** In whole seconds, as RFC 7519 counts them. */
function timesFrom(issued: Date, expiresInMs: Ms): {iat: number; exp: number} {
  return {iat: Math.floor(issued.getTime() / 1000), exp: Math.floor((issued.getTime() + expiresInMs) / 1000)}
}

function hs256(key: string): Signer {
  return (text) => `${text}.${createHmac('sha256', key).update(text).digest('base64url')}`
}

function rs256(pem: string): Signer {
  const key = privateKey(pem)
  return (text) => `${text}.${signWith('RSA-SHA256', Buffer.from(text), key).toString('base64url')}`
}

function privateKey(pem: string): KeyObject {
  const key = readKey(pem)
  if (key?.asymmetricKeyType !== 'rsa')
    throw new UsageError('auth.key is not an RSA private key in PEM, as RS256 needs')
  return key
}

/** The reason of a failure is not passed on: it could quote the key. */
function readKey(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem)
  } catch {
    return undefined
  }
}

function keyOf({key, keyFile}: SignAuth): string {
  if (key !== undefined) return key
  try {
    return readFileSync(keyFile ?? '', 'utf8').replace(/\r?\n$/, '')
  } catch (cause) {
    throw new UsageError(`auth.keyFile ${keyFile ?? ''} cannot be read`, {cause})
  }
}

function base64Url(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}
