/** Gets tokens by login requests: paced, so that the set-up does not trip the target's own limiter, and each user once. */
import {Agent, type Dispatcher, request} from 'undici'
import {TargetError} from '../../base/errors.js'
import {parseDuration, parseRate} from '../../base/parse-units.js'
import type {Ms} from '../../base/units.js'
import {tlsHint} from '../../protocols/tls.js'
import {type PreparedRequest, prepareRequest} from '../requests/prepare.js'
import {ACCOUNT_NAMES, USER_NAMES} from './claims.js'
import {endOfToken} from './expiry.js'
import {pacer} from './pacer.js'
import type {RequestAuth} from './schema.js'
import {tokenAt} from './token-at.js'
import type {TokenContext, UserValues} from './token-source.js'

const DEFAULT_RATE = '50/s'

/** A login that has not answered by then has failed. */
const TIMEOUT_MS = 15_000

/** No token is larger. */
const LARGEST_ANSWER_BYTES = 1_048_576

export interface Logins {
  /** The user's token; asked for once, kept, and asked for again after a failure or when it has run out. Rejects with a TargetError. */
  readonly token: (n: number, values: UserValues) => Promise<string>
  /** Whether the user's token is there and has not run out. */
  readonly fresh: (n: number) => boolean
  readonly close: () => Promise<void>
}

/** Prepares logins; nothing is sent yet. Throws a UsageError for what cannot work. Errors repeat no header, body or answer. */
export function logins(auth: RequestAuth, context: TokenContext): Logins {
  const prepared = prepare(auth, context)
  const perSecond = parseRate(auth.rate ?? DEFAULT_RATE, {positive: true, name: 'auth.rate'}) / (context.workers ?? 1)
  const turn = pacer(perSecond, context.clock, context.signal)
  const agent = new Agent({connect: context.connect ?? {}, maxResponseSize: LARGEST_ANSWER_BYTES, pipelining: 1})
  const lifeMs = auth.expiresIn === undefined ? undefined : parseDuration(auth.expiresIn, {name: 'auth.expiresIn'})
  const asking = new Map<number, Promise<string>>()
  const known = new Map<number, {readonly token: string; readonly until: Ms}>()
  const fresh = (n: number): boolean => (known.get(n)?.until ?? 0) > context.clock.now()
  const logIn = async (values: UserValues): Promise<string> => {
    await turn()
    return tokenAt(await answerTo(prepared, values, agent, context.signal), auth.tokenAt)
  }
  return {
    fresh,
    token(n, values) {
      const kept = known.get(n)
      if (kept && fresh(n)) return Promise.resolve(kept.token)
      const under = asking.get(n)
      if (under) return under
      const asked = logIn(values)
        .then((token) => {
          known.set(n, {token, until: endOfToken(token, context.clock, lifeMs)})
          return token
        })
        .finally(() => asking.delete(n))
      asking.set(n, asked)
      return asked
    },
    close: () => agent.destroy(),
  }
}

function prepare(auth: RequestAuth, context: TokenContext): PreparedRequest {
  const names = auth.accounts === undefined ? USER_NAMES : ACCOUNT_NAMES
  return prepareRequest(auth, {names, method: auth.method ?? 'POST', target: context.target, at: 'auth'})
}

async function answerTo(
  login: PreparedRequest,
  values: UserValues,
  dispatcher: Dispatcher,
  stop?: AbortSignal,
): Promise<string> {
  const timeout = AbortSignal.timeout(TIMEOUT_MS)
  const {url, method, headers, body: sent} = login.fill(values)
  const signal = stop ? AbortSignal.any([stop, timeout]) : timeout
  const options = {dispatcher, method: method as 'POST', headers, body: sent ?? null, signal}
  try {
    const {statusCode, body} = await request(url, options)
    const answer = await body.text()
    if (statusCode >= 200 && statusCode < 300) return answer
    throw refused(login, values.user, statusCode)
  } catch (error) {
    if (error instanceof TargetError) throw error
    stop?.throwIfAborted()
    const why = reason(error, timeout)
    const hint = tlsHint(why)
    throw new TargetError(
      `no answer to the login of ${values.user} (${login.shown}): ${why}`,
      hint === undefined ? {} : {hint},
    )
  }
}

function refused(login: PreparedRequest, user: string, status: number): TargetError {
  const said = `${login.shown} answered ${status}`
  if (status === 401 || status === 403)
    return new TargetError(`credentials refused: the login of ${user} failed (${said})`)
  if (status === 429)
    return new TargetError(`the login of ${user} was limited (${said})`, {hint: 'lower auth.rate in the profile'})
  if (status >= 300 && status < 400)
    return new TargetError(`the login of ${user} was sent elsewhere (${said}), which is not followed`)
  return new TargetError(`the login of ${user} failed (${said})`)
}

/** Only a code: messages of the HTTP client could quote what was sent. */
function reason(error: unknown, timeout: AbortSignal): string {
  if (timeout.aborted) return `none within ${TIMEOUT_MS / 1000} s`
  return error instanceof Error && 'code' in error ? String(error.code) : 'the request failed'
}
