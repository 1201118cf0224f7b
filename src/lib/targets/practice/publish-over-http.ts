/** A message over HTTP: stored, sent and confirmed like one over a WebSocket, though its author is in no room. */
import type {Author} from './pending.js'
import type {Publishing} from './publishing.js'
import type {Reply} from './replies.js'
import {isName, isText} from './requests.js'

interface Posted {
  /** Undefined when the path has no valid escape. */
  readonly room: string | undefined
  /** Of the query; null when it names nobody. */
  readonly user: string | null
  /** Undefined when it is not JSON. */
  readonly body: unknown
}

/** Resolves when the message is stored and sent, or refused: 400 for one that makes no sense, 429 when too many wait, 503 when it is not stored. */
export function publishOverHttp(publishing: Publishing, {room, user, body: posted}: Posted): Promise<Reply> {
  const {from, body}: {from?: unknown; body?: unknown} = typeof posted === 'object' && posted !== null ? posted : {}
  const author = user ?? from
  if (!isName(room)) return malformed('the room has no valid name')
  if (!isName(author)) return malformed('say who publishes: ?user=NAME, or "from" in the body')
  if (!isText(body))
    return malformed('expected JSON such as {"from": "ann", "body": "hi"}, where body is text without NUL')
  return new Promise((resolve) => publishing.accept({author: answering(author, resolve), room, id: 0, body}))
}

function answering(user: string, answer: (reply: Reply) => void): Author {
  return {
    user,
    acked: (_, message) => answer({status: 200, body: {message}}),
    refused: (_, {reason, busy = false}) => answer({status: busy ? 429 : 503, body: {error: reason}}),
  }
}

function malformed(error: string): Promise<Reply> {
  return Promise.resolve({status: 400, body: {error}})
}
