/** What the errors of amqplib mean: a short reason to count, and for a user what to try. */
import {ProofloadError, TargetError} from '../../base/errors.js'
import {tlsHint} from '../tls.js'

/** Reply codes of AMQP 0-9-1, section 1.2. */
const REPLY_CODES: Readonly<Record<number, string>> = {
  311: 'CONTENT_TOO_LARGE',
  312: 'NO_ROUTE',
  313: 'NO_CONSUMERS',
  320: 'CONNECTION_FORCED',
  402: 'INVALID_PATH',
  403: 'ACCESS_REFUSED',
  404: 'NOT_FOUND',
  405: 'RESOURCE_LOCKED',
  406: 'PRECONDITION_FAILED',
  501: 'FRAME_ERROR',
  502: 'SYNTAX_ERROR',
  503: 'COMMAND_INVALID',
  504: 'CHANNEL_ERROR',
  505: 'UNEXPECTED_FRAME',
  506: 'RESOURCE_ERROR',
  530: 'NOT_ALLOWED',
  540: 'NOT_IMPLEMENTED',
  541: 'INTERNAL_ERROR',
}

/** Of errors without a code, which amqplib tells apart by their text alone. */
const TEXTS: readonly (readonly [RegExp, string])[] = [
  [/Heartbeat timeout/, 'heartbeat'],
  [/ETIMEDOUT/, 'ETIMEDOUT'],
  // The reason of a close frame in place of connection.open-ok is not passed on; a virtual host is all that can be refused there.
  [/Expected ConnectionOpenOk/, 'NOT_ALLOWED'],
  [/closed abruptly/, 'refused'],
]

/** One word: `CONNECTION_FORCED`, `ECONNRESET`, `heartbeat`; `closed` when nothing more is known. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'closed'
  const {code} = error as {code?: unknown}
  if (typeof code === 'string') return code
  if (typeof code === 'number') return REPLY_CODES[code] ?? String(code)
  const told = /\b(\d{3}) \([A-Z-]+\)/.exec(error.message)
  if (told) return REPLY_CODES[Number(told[1])] ?? 'closed'
  return TEXTS.find(([text]) => text.test(error.message))?.[1] ?? 'closed'
}

/** What the server itself said, without amqplib's words around it: `NOT_FOUND - no queue 'jobs' in vhost '/'`. */
export function wordsOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  return /with message "(.*)"$/s.exec(text)?.[1] ?? text.trim()
}

/** Server and virtual host, without the secrets of the URL: `127.0.0.1:5672, virtual host '/'`. */
function placeOf(url: string): string {
  const {hostname, port, protocol} = new URL(url)
  return `${hostname}:${port === '' ? (protocol === 'amqps:' ? 5671 : 5672) : port}, virtual host '${virtualHostOf(url)}'`
}

/** As amqplib reads it: the path without its first slash, and `/` when there is none. */
function virtualHostOf(url: string): string {
  const path = new URL(url).pathname.slice(1)
  return path === '' ? '/' : decodeURIComponent(path)
}

/** Why it cannot be used, as a user needs to hear it; an error that is meant for them already stays as it is. */
export function notUsable(error: unknown, url: string): ProofloadError {
  if (error instanceof ProofloadError) return error
  const reason = reasonOf(error)
  const advice = isAnswer(error) ? ANSWERED[reason] : OPENING[reason]
  const why = advice?.why ?? (isAnswer(error) || reason === 'closed' ? wordsOf(error) : reason)
  const hint =
    advice?.hint ?? secureHint(reason) ?? 'check host and port, and that a RabbitMQ listens there for AMQP 0-9-1'
  return new TargetError(`RabbitMQ at ${placeOf(url)} cannot be used: ${why}`, {hint, cause: error})
}

function secureHint(code: string): string | undefined {
  return tlsHint(code)?.replace(/ws:\/\/.*/, 'amqp:// in place of amqps://')
}

/** The server refused something over a connection that was open. */
function isAnswer(error: unknown): boolean {
  return error instanceof Error && typeof (error as {code?: unknown}).code === 'number'
}

interface Advice {
  /** What the server itself said, unless this is more. */
  readonly why?: string
  readonly hint: string
}

const ANSWERED: Readonly<Record<string, Advice>> = {
  ACCESS_REFUSED: {
    hint: "give the user the permissions to configure, write and read 'proofload-.*', and to write to and read from an exchange that is named: rabbitmqctl set_permissions",
  },
  NOT_FOUND: {hint: 'check its name and the virtual host, or leave it out, so that one is made for the run'},
  CONNECTION_FORCED: {hint: 'the server is being stopped, or an operator closes connections: try again'},
}

const OPENING: Readonly<Record<string, Advice>> = {
  ACCESS_REFUSED: {
    why: 'it refused user or password (ACCESS_REFUSED)',
    hint: "check user and password in the URL, percent-encoded; the user 'guest' may only come from the server's own machine",
  },
  NOT_ALLOWED: {
    why: 'it did not open the virtual host (NOT_ALLOWED)',
    hint: "check its name, which is the URL's path ('/' is written as no path or %2f), that the user has permissions there, and that its limit of connections is not reached",
  },
  refused: {
    why: 'it closed the connection before AMQP was agreed upon',
    hint: 'check that the port is that of AMQP 0-9-1 and not of another protocol; with TLS write amqps://',
  },
  ECONNREFUSED: {why: 'nobody listens there (ECONNREFUSED)', hint: 'start the server, or check host and port'},
  ENOTFOUND: {why: 'there is no host of that name (ENOTFOUND)', hint: 'check the host'},
  ETIMEDOUT: {
    why: 'it did not answer in time (ETIMEDOUT)',
    hint: 'check host and port, firewalls, and that the port is that of AMQP 0-9-1; with TLS write amqps://',
  },
}
