/** When a token ends, by its own word; pure. */
import type {Ms} from '../../base/units.js'

/** Of a JSON Web Token with an `exp` (RFC 7519, section 4.1.4): how long it is good from `now` on, negative when it is over. */
export function tokenEnd(token: string, now: Date): {readonly left: Ms} | undefined {
  const payload = /^[\w-]+\.([\w-]+)\.[\w-]*$/.exec(token)?.[1]
  if (payload === undefined) return undefined
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'))
    const end = typeof claims === 'object' && claims !== null && 'exp' in claims ? Number(claims.exp) : NaN
    return Number.isFinite(end) ? {left: end * 1000 - now.getTime()} : undefined
  } catch {
    return undefined
  }
}
