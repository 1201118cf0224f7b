/** What a system says when it cannot be watched, without secrets and with a way out. */
import {ProofloadError, TargetError, UsageError} from '../base/errors.js'
import {redact} from '../base/redact.js'
import {tlsHint} from '../protocols/tls.js'
import {placeOf, type WatchKind, type WatchSpec} from './spec.js'

type Hint = readonly [pattern: RegExp, hint: string]

const CREDENTIALS = 'check user and password in its URL'
const TRUST = 'give the authority that signed its certificate with --ca, or accept any with --insecure'

/** What to try, by what was said; the first that fits. */
const HINTS: Readonly<Record<WatchKind, readonly Hint[]>> = {
  process: [],
  postgres: [
    [/password authentication|no pg_hba|role ".*" does not exist/i, CREDENTIALS],
    [
      /too many (clients|connections)|remaining connection slots/i,
      'watching takes one connection: raise max_connections, or let a client go',
    ],
    [/database ".*" does not exist/i, 'check the database name in its URL'],
    [/column .* does not exist/i, 'Postgres 10 or newer is needed'],
  ],
  redis: [
    [/NOAUTH|WRONGPASS|invalid password|AUTH/, CREDENTIALS],
    [/NOPERM/, 'watching takes the command INFO: ACL SETUSER <user> +info'],
  ],
  rabbitmq: [
    [/status 40[13]/, `${CREDENTIALS}; the user needs the tag monitoring: rabbitmqctl set_user_tags <user> monitoring`],
    [
      /status 404|no JSON/,
      'name its management API (port 15672, not 5672), with the plugin rabbitmq_management enabled',
    ],
  ],
  prometheus: [
    [/status 40[13]/, CREDENTIALS],
    [/status 404/, 'check the path, which is often /metrics'],
    [
      /no Prometheus text/,
      'name a page in the Prometheus text format; the management API of RabbitMQ is rabbitmq+http://…',
    ],
  ],
}

/** Why there is no figure, in a few words without secrets. */
export function whyOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  const inner = error instanceof AggregateError ? (error.errors[0] as unknown) : undefined
  const said = error.message === '' && inner instanceof Error ? inner.message : error.message
  const late = error.name === 'TimeoutError' || error.name === 'AbortError'
  return redact(late ? 'no answer in time' : said || codeOf(error) || error.name).slice(0, 200)
}

/** The system gave no first figure, so nothing is begun. What already says what to try stays as it is. */
export function unwatchable(spec: WatchSpec, cause: unknown): ProofloadError {
  if (cause instanceof UsageError || (cause instanceof TargetError && cause.hint !== undefined)) return cause
  const why = whyOf(cause)
  return new TargetError(`--watch ${spec.name}: ${placeOf(spec)} cannot be watched: ${why}`, {
    hint: hintFor(spec.kind, why, codeOf(cause)),
    cause,
  })
}

function hintFor(kind: WatchKind, why: string, code: string): string {
  const known = HINTS[kind].find(([pattern]) => pattern.test(why))?.[1]
  return known ?? tlsHint(code) ?? (/certificate/i.test(why) ? TRUST : 'check that it runs, and its address')
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}
