/** What a Redis says when it does not let us: refused (with the way out), or not to be used at all. */
import {ReplyError} from 'ioredis'
import {TargetError, UsageError} from '../../base/errors.js'
import {redact} from '../../base/redact.js'

const WAY_OUT =
  'run your Redis link through `proofload proxy` and use net.down(proxy=redis) instead: it needs no privilege'

const BAD_CREDENTIALS = /^(NOAUTH|WRONGPASS|ERR (invalid password|AUTH))/

/** The server understood and said no. */
export function isReply(error: unknown): error is Error {
  return error instanceof Error && error instanceof (ReplyError as unknown as new () => Error)
}

/** The user of the URL may not do `what` (`CLIENT KILL`), or this service has no such thing. */
export function refusal(what: string, cause: Error): UsageError {
  return new UsageError(`this Redis refuses ${what}: ${redact(cause.message)}`, {hint: WAY_OUT, cause})
}

/** The server at `place` gives no answer that could be used. */
export function unusable(place: string, cause: unknown): TargetError {
  const why = cause instanceof Error ? cause.message : 'unknown'
  return new TargetError(`the Redis at ${place} cannot be used: ${redact(why)}`, {hint: hintFor(why), cause})
}

function hintFor(why: string): string {
  if (BAD_CREDENTIALS.test(why)) return 'check user and password in its URL'
  if (/certificate/i.test(why)) return 'name the authority that signed its certificate: NODE_EXTRA_CA_CERTS=ca.pem'
  return 'check that it runs, and its URL'
}
