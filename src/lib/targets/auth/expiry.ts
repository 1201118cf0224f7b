/** When a token that a login gave runs out. */
import type {Clock} from '../../base/clock.js'
import type {Ms} from '../../base/units.js'

/** So much earlier a token counts as run out, as it has a way to go and clocks differ. */
const MARGIN_MS: Ms = 5000

/**
 * On the clock: after `lifeMs` where the profile says it, else when the `exp` of a JSON Web Token says it (RFC 7519), else never. A token
 * that is as good as run out when it comes is used all the same.
 */
export function endOfToken(token: string, clock: Clock, lifeMs: Ms | undefined): Ms {
  const left = lifeMs ?? leftOfJwt(token, clock)
  if (left === undefined) return Infinity
  return clock.now() + Math.max(MARGIN_MS, left - MARGIN_MS)
}

function leftOfJwt(token: string, clock: Clock): Ms | undefined {
  const [, payload, signature] = token.split('.')
  if (!payload || signature === undefined) return undefined
  try {
    const {exp} = JSON.parse(Buffer.from(payload, 'base64url').toString()) as {exp?: unknown}
    return typeof exp === 'number' ? exp * 1000 - clock.date().getTime() : undefined
  } catch {
    return undefined
  }
}
