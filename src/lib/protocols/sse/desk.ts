/** What the event streams of one worker share: the requests that they publish by, and where each user's stream was left. */
import type {LookupFunction} from 'node:net'
import type {ClientOptions} from 'ws'
import type {Ms} from '../../base/units.js'
import {sender, type Answer, type PlainRequest, type Sender} from '../http/send.js'
import type {TlsOptions} from '../tls.js'
import type {Line} from '../chat-connection.js'

const TIMEOUT_MS: Ms = 30_000

const desks = new WeakMap<Line, Desk>()

export class Desk {
  /** Id of the last event that a user had, for it to go on from. */
  readonly lastIds = new Map<number, string>()
  readonly #senders = new Map<string, Sender>()

  /** The one desk of a line. */
  static of(line: Line): Desk {
    const known = desks.get(line) ?? new Desk()
    desks.set(line, known)
    return known
  }

  /** Sends over connections that all users of one origin share; `options` as for the event stream itself. */
  async send(request: PlainRequest, options: ClientOptions): Promise<Answer> {
    const {origin} = new URL(request.url)
    const known = this.#senders.get(origin) ?? senderWith(options)
    this.#senders.set(origin, known)
    return known.send(request)
  }
}

function senderWith(options: ClientOptions): Sender {
  const {lookup, secureContext, rejectUnauthorized} = options as {lookup?: LookupFunction} & Partial<TlsOptions>
  return sender({
    timeoutMs: TIMEOUT_MS,
    ...(lookup && {lookup}),
    ...(secureContext && {tls: {secureContext, rejectUnauthorized: rejectUnauthorized ?? true}}),
  })
}
