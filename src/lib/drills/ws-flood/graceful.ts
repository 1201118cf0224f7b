/** Tells a polite refusal from a rude one: the newcomer was told that it cannot come in. */
import type {Ending} from '../../protocols/chat-connection.js'

/** A frame that the protocol recognises as a refusal, or an HTTP answer that says to come back later. */
const WORDS: ReadonlySet<string> = new Set(['join-refused', 'status-429', 'status-503'])
/** Policy violation and try again later (RFC 6455, 7.4.1 and the IANA registry). */
const CODES: ReadonlySet<number> = new Set([1008, 1013])
/** Registered codes of libraries, and private ones. */
const [FIRST_OWN_CODE, LAST_OWN_CODE] = [3000, 4999]

export function isGraceful({reason, code, refused}: Pick<Ending, 'reason' | 'code' | 'refused'>): boolean {
  if (WORDS.has(reason)) return true
  return !refused && (CODES.has(code) || (code >= FIRST_OWN_CODE && code <= LAST_OWN_CODE))
}
