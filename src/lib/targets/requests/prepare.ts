/** Makes requests from templates: logins, and what a profile asks for before and after the load. */
import {UsageError} from '../../base/errors.js'
import {redact} from '../../base/redact.js'
import type {PlainRequest} from '../../protocols/http/send.js'
import {compileTemplate} from '../../protocols/template.js'
import {compileJsonTemplate} from '../auth/claims.js'
import {checkTargetUrl, httpUrlOf} from '../profile/url.js'

export interface RequestTemplate {
  readonly url: string
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly body?: string | Readonly<Record<string, unknown>> | undefined
}

export interface Preparing {
  /** What its templates may say. */
  readonly names: readonly string[]
  readonly method: string
  /** Where a path belongs: the first target. */
  readonly target: string | undefined
  /** Where the template stands, for messages: `auth`. */
  readonly at: string
}

type Values = Readonly<Record<string, string | number>>

export interface PreparedRequest {
  /** For messages: nothing filled in, secrets hidden. */
  readonly shown: string
  fill(values: Values): PlainRequest
}

/** Throws a UsageError for a name that is not known, and for a path without a target. */
export function prepareRequest(template: RequestTemplate, {names, method, target, at}: Preparing): PreparedRequest {
  const address = absolute(template.url, target, at)
  const url = compileTemplate(address, names)
  const body = bodyOf(template.body, names)
  const headers = Object.entries({...contentType(template), ...template.headers}).map(
    ([name, text]) => [name, compileTemplate(text, names)] as const,
  )
  return {
    shown: `${method} ${redact(address)}`,
    fill: (values) => ({
      method,
      url: url.fillUrl(values),
      headers: Object.fromEntries(headers.map(([name, value]) => [name, value.fill(values)])),
      body: body?.(values),
    }),
  }
}

/** JSON is escaped as JSON, any other text as a form. */
function bodyOf(body: RequestTemplate['body'], names: readonly string[]): ((values: Values) => string) | undefined {
  if (body === undefined) return undefined
  const template = typeof body === 'string' ? compileTemplate(body, names) : compileJsonTemplate(body, names)
  return isJson(body) ? template.fillJson : template.fillUrl
}

function contentType({body, headers}: RequestTemplate): Record<string, string> {
  if (body === undefined || Object.keys(headers ?? {}).some((name) => name.toLowerCase() === 'content-type')) return {}
  return {'content-type': isJson(body) ? 'application/json' : 'application/x-www-form-urlencoded'}
}

function isJson(body: NonNullable<RequestTemplate['body']>): boolean {
  return typeof body !== 'string' || /^\s*[{[]/.test(body)
}

function absolute(url: string, target: string | undefined, at: string): string {
  if (!url.startsWith('/')) return url
  if (target === undefined)
    throw new UsageError(`${at}.url is the path ${url}, but there is no target that it could belong to`)
  return checkTargetUrl(httpUrlOf(target)).origin + url
}
