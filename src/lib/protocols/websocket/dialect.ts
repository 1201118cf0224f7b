/** A protocol file made ready for use: templates cut, matchers compiled, units read. */
import {UsageError} from '../../base/errors.js'
import {parseDuration, parseSize} from '../../base/parse-units.js'
import type {Bytes, Ms} from '../../base/units.js'
import {compilePublishing, type Publishing} from '../sse/publishing.js'
import {compileTemplate, type Template} from '../template.js'
import {compileMatcher, type Match} from './match.js'
import type {Protocol} from './protocol.js'

/** What a template may name about the user who speaks. */
export const WHO = ['user', 'n', 'room', 'token', 'run'] as const
/** What a message template may name beside that. */
const MESSAGE = [...WHO, 'id', 'body', 'sequence'] as const

export type Who = Readonly<Record<(typeof WHO)[number], string | number>>

interface Asking {
  readonly send: Template | undefined
  /** Without it the answer is not waited for. */
  readonly until: Match | undefined
}

export interface Dialect {
  readonly transport: 'websocket' | 'sse'
  /** What is said after the socket opened, in order; the last ones join the room. */
  readonly entrance: readonly Asking[]
  /** Stands between the messages of one frame. */
  readonly split: Buffer | undefined
  /** The server confirms that one is in the room; without it one is in as soon as all was said. */
  readonly confirmsJoin: boolean
  readonly publish: Template | undefined
  /** In place of `publish`, where one speaks by requests. */
  readonly publishing: Publishing | undefined
  readonly ack: {readonly when: Match; readonly idAfter: Buffer | undefined} | undefined
  readonly leave: Template | undefined
  readonly keepAlive: {readonly everyMs: Ms; readonly send: Template | 'ping'} | undefined
  readonly answers: readonly {readonly when: Match; readonly send: string}[]
  readonly refused: Match | undefined
  readonly error: Match | undefined
  readonly subprotocols: string[]
  readonly headers: readonly (readonly [name: string, value: Template])[]
  /** Largest frame that is read. */
  readonly maxFrame: Bytes
  /** The address of a user's socket; `target` is one of the target's base URLs. */
  url(target: string, who: Who): string
}

const DEFAULT_MAX_FRAME: Bytes = 1024 * 1024

/** Throws a UsageError for a template or unit that makes no sense. */
export function compileDialect(protocol: Protocol): Dialect {
  const {join, leave, open = [], headers = {}} = protocol
  return {
    transport: protocol.transport ?? 'websocket',
    entrance: [...open, ...(join ? [join] : [])].map(askingOf),
    split: protocol.split === undefined ? undefined : Buffer.from(protocol.split),
    confirmsJoin: join?.until !== undefined,
    ...speakingOf(protocol),
    ack: ackOf(protocol),
    leave: leave && compileTemplate(leave.send, WHO),
    keepAlive: keepAliveOf(protocol),
    ...recognitionOf(protocol),
    subprotocols: protocol.subprotocols ?? [],
    headers: Object.entries(headers).map(([name, value]) => [name, compileTemplate(value, WHO)] as const),
    maxFrame: maxFrameOf(protocol),
    url: addressing(protocol.url ?? ''),
  }
}

function maxFrameOf({maxFrame}: Protocol): Bytes {
  return maxFrame === undefined ? DEFAULT_MAX_FRAME : parseSize(maxFrame, {positive: true})
}

function askingOf({send, until}: NonNullable<Protocol['join']>): Asking {
  return {
    send: send === undefined ? undefined : compileTemplate(send, WHO),
    until: until && compileMatcher(until),
  }
}

function speakingOf({publish: {send, http}}: Protocol): Pick<Dialect, 'publish' | 'publishing'> {
  return {
    publish: send === undefined ? undefined : publishTemplate(send),
    publishing: http && compilePublishing(http, MESSAGE),
  }
}

function ackOf({publish: {ack}}: Protocol): Dialect['ack'] {
  if (!ack) return undefined
  return {when: compileMatcher(ack.when), idAfter: ack.idAfter === undefined ? undefined : Buffer.from(ack.idAfter)}
}

function recognitionOf({answer = [], refused, error}: Protocol): Pick<Dialect, 'answers' | 'refused' | 'error'> {
  return {
    answers: answer.map(({when, send}) => ({when: compileMatcher(when), send})),
    refused: refused && compileMatcher(refused),
    error: error && compileMatcher(error),
  }
}

function keepAliveOf({keepAlive}: Protocol): Dialect['keepAlive'] {
  if (!keepAlive) return undefined
  return {
    everyMs: parseDuration(keepAlive.every, {positive: true, name: 'keepAlive.every'}),
    send: keepAlive.send === 'ping' ? 'ping' : compileTemplate(keepAlive.send, WHO),
  }
}

/** A target that names a path or query of its own is a template itself; to any other the protocol's path is added. */
function addressing(path: string): Dialect['url'] {
  const added = compileTemplate(path, WHO)
  const targets = new Map<string, Template>()
  return (target, who) => {
    const known = targets.get(target) ?? compileTemplate(hasPath(target) ? target : target.replace(/\/$/, ''), WHO)
    targets.set(target, known)
    return hasPath(target) ? known.fillUrl(who) : known.fillUrl(who) + added.fillUrl(who)
  }
}

function publishTemplate(send: string): Template {
  const template = compileTemplate(send, MESSAGE)
  if (!template.names.includes('body')) {
    throw new UsageError('publish.send has no {{body}}, so no message could be recognised where it arrives', {
      hint: 'put {{body}} where the text of the message belongs',
    })
  }
  return template
}

function hasPath(target: string): boolean {
  const {pathname, search} = new URL(target)
  return pathname.length > 1 || search.length > 0
}
