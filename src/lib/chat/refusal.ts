/** What to do when a user is not let in, by the reason that the connection tells. */
import {tlsHint} from '../protocols/tls.js'
import {entranceWords} from '../protocols/websocket/expectation.js'
import type {Protocol} from '../protocols/websocket/protocol.js'
import type {Guest} from '../protocols/websocket/rehearsal.js'

const PATH = 'check the path of the URL, or the url of the protocol: something answers HTTP there, but no WebSocket'

const HUNG_UP = 'the server closed the connection instead of answering: is it the right port, and does it want wss://?'

const HINTS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'is it running, and is the port right? Leave out --target to use the built-in practice target',
  ENOTFOUND: 'check the host name',
  timeout: 'no answer to the handshake came in time: is it the right port, and is the server not stuck?',
  'join-refused': "check the room names (names.room), the token (auth) and the protocol's join frame",
  'status-200': PATH,
  'status-400': `${PATH}; or it misses a parameter, a header or a subprotocol`,
  'status-401': 'check the auth section of the profile',
  'status-403': 'check the auth section of the profile, and whether the server wants an Origin (--header)',
  'status-404': 'check the path of the URL, or the url of the protocol',
  'status-426': PATH,
  'not-http': 'whatever answers there does not speak HTTP: is it the right port?',
  'no-subprotocol-agreed':
    "the server knows none of the protocol's subprotocols: check their spelling, or leave them out",
  'subprotocol-not-requested': "the server insists on a subprotocol: put it into the protocol's subprotocols",
  'closed-during-handshake': HUNG_UP,
  ECONNRESET: HUNG_UP,
}

/** What a drill says of a node that lets nobody in, with the first frame seen where there was one. */
export function refusalWords({refusal = '', waitingFor, frames}: Guest, protocol: Protocol): string {
  if (waitingFor === undefined) return refusal
  const expected = entranceWords(protocol, waitingFor)
  const [first] = frames.shown
  return [
    refusal === 'timeout' ? 'the join was not confirmed in time (timeout)' : refusal,
    ...(expected === undefined ? [] : [`expected ${expected}`]),
    first === undefined ? 'no frame was seen' : `first frame seen: ${first}`,
  ].join('; ')
}

/** What to try; undefined for a reason that nothing is known of. */
export function refusalHint({refusal = '', waitingFor}: Pick<Guest, 'refusal' | 'waitingFor'>): string | undefined {
  if (waitingFor !== undefined && refusal !== 'join-refused')
    return "the socket opened, but the join was not confirmed: hold the protocol's join.until against what the server sends"
  return HINTS[refusal] ?? tlsHint(refusal)
}
