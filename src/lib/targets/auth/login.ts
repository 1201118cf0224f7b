/** Gets tokens by login requests: paced, so that the set-up does not trip the target's own limiter, and each user once. */
import {Agent, type Dispatcher, request} from 'undici'
import {TargetError, UsageError} from '../../base/errors.js'
import {redact} from '../../base/redact.js'
import {parseRate} from '../../base/parse-units.js'
import {compileTemplate, type Template} from '../../protocols/template.js'
import {checkTargetUrl, httpUrlOf} from '../profile/url.js'
import {ACCOUNT_NAMES, compileJsonTemplate, USER_NAMES} from './claims.js'
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
  /** The user's token; asked for once, kept, and asked for again only after a failure. Rejects with a TargetError. */
  readonly token: (n: number, values: UserValues) => Promise<string>
  readonly close: () => Promise<void>
}

/** Prepares logins; nothing is sent yet. Throws a UsageError for what cannot work. Errors repeat no header, body or answer. */
export function logins(auth: RequestAuth, context: TokenContext): Logins {
  const prepared = prepare(auth, context)
  const perSecond = parseRate(auth.rate ?? DEFAULT_RATE, {positive: true, name: 'auth.rate'}) / (context.workers ?? 1)
  const turn = pacer(perSecond, context.clock, context.signal)
  const agent = new Agent({connect: context.connect ?? {}, maxResponseSize: LARGEST_ANSWER_BYTES, pipelining: 1})
  const known = new Map<number, Promise<string>>()
  const logIn = async (values: UserValues): Promise<string> => {
    await turn()
    return tokenAt(await answerTo(prepared, values, agent, context.signal), auth.tokenAt)
  }
  return {
    token(n, values) {
      const kept = known.get(n)
      if (kept) return kept
      const asked = logIn(values)
      known.set(n, asked)
      asked.catch(() => known.delete(n))
      return asked
    },
    close: () => agent.destroy(),
  }
}

interface PreparedLogin {
  /** For messages: nothing filled in, secrets hidden. */
  readonly shown: string
  readonly method: 'GET' | 'POST' | 'PUT'
  readonly url: Template
  readonly headers: readonly (readonly [name: string, value: Template])[]
  readonly body: ((values: UserValues) => string) | undefined
}

function prepare(auth: RequestAuth, context: TokenContext): PreparedLogin {
  const names = auth.accounts === undefined ? USER_NAMES : ACCOUNT_NAMES
  const method = auth.method ?? 'POST'
  const url = absolute(auth.url, context.target)
  const headers = {...(auth.body !== undefined && contentType(auth)), ...auth.headers}
  return {
    shown: `${method} ${redact(url)}`,
    method,
    url: compileTemplate(url, names),
    headers: Object.entries(headers).map(([name, text]) => [name, compileTemplate(text, names)]),
    body: bodyOf(auth.body, names),
  }
}

/** JSON is escaped as JSON, any other text as a form. */
function bodyOf(body: RequestAuth['body'], names: readonly string[]): PreparedLogin['body'] {
  if (body === undefined) return undefined
  const template = typeof body === 'string' ? compileTemplate(body, names) : compileJsonTemplate(body, names)
  return isJson(body) ? template.fillJson : template.fillUrl
}

function contentType({body, headers}: RequestAuth): Record<string, string> {
  if (Object.keys(headers ?? {}).some((name) => name.toLowerCase() === 'content-type')) return {}
  return {'content-type': isJson(body) ? 'application/json' : 'application/x-www-form-urlencoded'}
}

function isJson(body: RequestAuth['body']): boolean {
  return typeof body !== 'string' || /^\s*[{[]/.test(body)
}

function absolute(url: string, target: string | undefined): string {
  if (!url.startsWith('/')) return url
  if (target === undefined)
    throw new UsageError(`auth.url is the path ${url}, but there is no target that it could belong to`)
  return checkTargetUrl(httpUrlOf(target)).origin + url
}

async function answerTo(
  login: PreparedLogin,
  values: UserValues,
  dispatcher: Dispatcher,
  stop?: AbortSignal,
): Promise<string> {
  const timeout = AbortSignal.timeout(TIMEOUT_MS)
  const options = {
    dispatcher,
    method: login.method,
    headers: Object.fromEntries(login.headers.map(([name, value]) => [name, value.fill(values)])),
    body: login.body?.(values) ?? null,
    signal: stop ? AbortSignal.any([stop, timeout]) : timeout,
  }
  try {
    const {statusCode, body} = await request(login.url.fillUrl(values), options)
    const answer = await body.text()
    if (statusCode >= 200 && statusCode < 300) return answer
    throw refused(login, values.user, statusCode)
  } catch (error) {
    if (error instanceof TargetError) throw error
    stop?.throwIfAborted()
    throw new TargetError(`no answer to the login of ${values.user} (${login.shown}): ${reason(error, timeout)}`)
  }
}

function refused(login: PreparedLogin, user: string, status: number): TargetError {
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
