/** What goes wrong with a Redis, in a word that can be counted or a sentence that helps. */
import {ReplyError} from 'ioredis'
import {ProofloadError, TargetError} from '../../base/errors.js'
import {redact} from '../../base/redact.js'
import {tlsHint} from '../tls.js'

const BAD_CREDENTIALS = /^(NOAUTH|WRONGPASS|ERR (invalid password|AUTH))/
const SERVER_NEEDED = 'needs a real redis-server'
const LONGEST_REASON = 60

/** The server understood and said no. */
export function isReply(error: unknown): error is Error {
  return error instanceof Error && error instanceof (ReplyError as unknown as new () => Error)
}

/** `OOM`, `READONLY`, `ECONNREFUSED`, `ERR max number of clients reached`; never what was sent. */
export function reasonOf(error: unknown): string {
  const known = error instanceof Error ? (error as Error & {readonly code?: unknown}) : undefined
  if (isReply(error)) return replyReason(error.message)
  if (typeof known?.code === 'string') return known.code
  return 'closed'
}

/** The server at `place` gives no answer that could be used; what is already an error of ours stays as it is. */
export function unusable(place: string, cause: unknown): Error {
  if (cause instanceof ProofloadError) return cause
  const why = cause instanceof Error ? cause.message : 'unknown'
  return new TargetError(`the Redis at ${place} cannot be used: ${redact(why)}`, {hint: hintFor(cause, why), cause})
}

/** Most errors begin with a word that says it all; `ERR` says nothing, and what it quotes may be ours. */
function replyReason(message: string): string {
  const [word = 'ERR'] = message.split(' ', 1)
  if (word !== 'ERR') return word
  return (message.split(/['"`,:(]/, 1)[0] ?? word).trim().slice(0, LONGEST_REASON)
}

function hintFor(cause: unknown, why: string): string {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  if (BAD_CREDENTIALS.test(why)) return 'check user and password in its URL'
  if (why.includes(SERVER_NEEDED)) return 'install redis-server, or name a Redis of your own with --target'
  if (why.startsWith('NOPERM')) return 'let its user run that command on keys and channels that begin with proofload-'
  return (
    tlsHint(code)?.replace(/write ws:.*/, 'write redis:// in place of rediss://') ?? 'check that it runs, and its URL'
  )
}
