/** Sends single requests over kept connections, and reads only the beginning of each answer. */
import type {LookupFunction} from 'node:net'
import {Agent, request} from 'undici'
import type {Ms} from '../../base/units.js'
import type {TlsOptions} from '../tls.js'

export interface Sending {
  /** From the request to the end of its answer. */
  readonly timeoutMs: Ms
  /** Without it the system's. */
  readonly lookup?: LookupFunction
  /** Without it only what the system trusts. */
  readonly tls?: TlsOptions
}

export interface PlainRequest {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
}

/** `unknown`: it was sent, and nothing tells whether it was carried out. */
export type Answer =
  | {readonly state: 'answered'; readonly status: number; readonly text: string}
  | {readonly state: 'failed' | 'unknown'; readonly reason: string}

export interface Sender extends AsyncDisposable {
  /** Never rejects; redirects are not followed. */
  send(what: PlainRequest): Promise<Answer>
}

/** As much of an answer as is kept. */
const KEPT_CHARACTERS = 1000

/** With these nobody was there to carry anything out. */
const NEVER_SENT =
  /^(ECONNREFUSED|ENOTFOUND|EHOSTUNREACH|ENETUNREACH|EAI_AGAIN|UND_ERR_CONNECT_TIMEOUT|ERR_TLS_|ERR_SSL_)|CERT|VERIFY/

/** One sender keeps its connections until it is disposed of. */
export function sender({timeoutMs, lookup, tls}: Sending): Sender {
  const agent = new Agent({connect: {...tls, ...(lookup && {lookup}), timeout: timeoutMs}, pipelining: 1})
  return {
    async send({method, url, headers, body}) {
      const timeout = AbortSignal.timeout(timeoutMs)
      try {
        const options = {dispatcher: agent, method: method as 'POST', headers, body: body ?? null, signal: timeout}
        const answer = await request(url, options)
        return {state: 'answered', status: answer.statusCode, text: await beginningOf(answer.body)}
      } catch (error) {
        const reason = timeout.aborted ? `no answer within ${timeoutMs / 1000} s` : codeOf(error)
        return {state: NEVER_SENT.test(reason) ? 'failed' : 'unknown', reason}
      }
    },
    [Symbol.asyncDispose]: () => agent.destroy(),
  }
}

/** The rest is read too, so that the connection can be used again. */
async function beginningOf(body: AsyncIterable<Buffer>): Promise<string> {
  let text = ''
  for await (const chunk of body) if (text.length < KEPT_CHARACTERS) text += chunk.toString()
  return text.slice(0, KEPT_CHARACTERS)
}

/** Only a code: messages of the HTTP client could quote what was sent. */
function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'the request failed'
}
