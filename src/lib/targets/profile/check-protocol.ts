/** What a schema cannot see in a protocol: names in its templates, its units, and what the frames must hold. */
import {UsageError} from '../../base/errors.js'
import {parseDuration, parseSize} from '../../base/parse-units.js'
import {compilePublishing} from '../../protocols/sse/publishing.js'
import {compileTemplate} from '../../protocols/template.js'
import {WHO} from '../../protocols/websocket/dialect.js'
import type {Protocol} from '../../protocols/websocket/protocol.js'
import {checkAt, type YamlFile, type YamlPath} from './yaml-file.js'

/** What is known of a user's connection, for URLs, headers and frames. */
export const CONNECTION_NAMES: readonly string[] = WHO

/** A message adds its body, its sequence in the run, and a number that is unique on its connection. */
const PUBLISH_NAMES: readonly string[] = [...CONNECTION_NAMES, 'id', 'body', 'sequence']

/** Throws a UsageError with file and line for the first template, unit or frame that cannot work; `at` is where the protocol stands. */
export function checkProtocol(protocol: Protocol, yaml: YamlFile, at: YamlPath): void {
  for (const [path, text] of connectionTemplates(protocol))
    checkTemplate(yaml, [...at, ...path], text, CONNECTION_NAMES)
  protocol.answer?.forEach(({send}, index) => checkTemplate(yaml, [...at, 'answer', index, 'send'], send, []))
  checkPublish(protocol, yaml, [...at, 'publish'])
  checkTransport(protocol, yaml, at)
  const {keepAlive, maxFrame} = protocol
  if (keepAlive) {
    const path = [...at, 'keepAlive', 'every']
    checkAt(yaml, path, () => parseDuration(keepAlive.every, {positive: true, name: 'keepAlive.every'}))
  }
  if (maxFrame !== undefined)
    checkAt(yaml, [...at, 'maxFrame'], () => parseSize(maxFrame, {positive: true, name: 'maxFrame'}))
}

/** Throws a UsageError with file and line for a template that names what is not known there. */
export function checkTemplate(yaml: YamlFile, path: YamlPath, text: string, names: readonly string[]): void {
  checkAt(yaml, path, () => compileTemplate(text, names))
}

function checkPublish({publish, transport = 'websocket'}: Protocol, yaml: YamlFile, at: YamlPath): void {
  const refuse = (path: YamlPath, why: string): unknown =>
    checkAt(yaml, [...at, ...path], () => {
      throw new UsageError(why)
    })
  const wrong = wrongWay(publish, transport)
  if (wrong !== undefined) refuse([], wrong)
  for (const [way, names] of publishTemplates(publish, yaml, at))
    if (!names.includes('body'))
      refuse([way], `'publish.${way}' must hold {{body}}: it carries what receivers are checked for`)
  if (publish.ack?.idAfter !== undefined && !compileTemplate(publish.send ?? '', PUBLISH_NAMES).names.includes('id'))
    refuse(['ack', 'idAfter'], "'publish.send' must hold {{id}} for 'idAfter' to find it")
}

function wrongWay({send, http}: Protocol['publish'], transport: 'websocket' | 'sse'): string | undefined {
  if (transport === 'sse' && (http === undefined || send !== undefined))
    return "'publish' must say 'http' and nothing else, as the transport is sse"
  if (transport === 'websocket' && send === undefined)
    return "'publish' must say 'send', as the transport is websocket; 'http' may stand beside it"
  return undefined
}

/** Each way of publishing, with the names in its templates. */
function publishTemplates(
  {send, http}: Protocol['publish'],
  yaml: YamlFile,
  at: YamlPath,
): [string, readonly string[]][] {
  const compiled = {
    send: send === undefined ? undefined : checkAt(yaml, [...at, 'send'], () => compileTemplate(send, PUBLISH_NAMES)),
    http: http && checkAt(yaml, [...at, 'http'], () => compilePublishing(http, PUBLISH_NAMES)),
  }
  return Object.entries(compiled).flatMap(([way, found]) => (found === undefined ? [] : [[way, found.names]]))
}

/** Frames that nobody could send over an event stream. */
const FRAMES = ['open', 'leave', 'keepAlive', 'answer', 'split', 'subprotocols'] as const

function checkTransport(protocol: Protocol, yaml: YamlFile, at: YamlPath): void {
  if (protocol.transport !== 'sse') return
  const frame = FRAMES.find((name) => protocol[name] !== undefined)
  const path = frame ?? (protocol.join?.send === undefined ? undefined : 'join.send')
  if (path === undefined && protocol.publish.ack === undefined) return
  const word = path ?? 'publish.ack'
  checkAt(yaml, [...at, ...word.split('.')], () => {
    throw new UsageError(`'${word}' makes no sense over sse: users only read the event stream, and publish by HTTP`)
  })
}

type Placed = readonly [path: YamlPath, text: string | undefined]

function connectionTemplates(protocol: Protocol): [YamlPath, string][] {
  const placed: Placed[] = [
    [['url'], protocol.url],
    ...inHeaders(['headers'], protocol.headers),
    ...(protocol.open ?? []).map((step, index): Placed => [['open', index, 'send'], step.send]),
    [['join', 'send'], protocol.join?.send],
    [['leave', 'send'], protocol.leave?.send],
    [['keepAlive', 'send'], protocol.keepAlive?.send],
    [['history', 'url'], protocol.history?.url],
    ...inHeaders(['history', 'headers'], protocol.history?.headers),
  ]
  return placed.flatMap(([path, text]): [YamlPath, string][] => (text === undefined ? [] : [[path, text]]))
}

function inHeaders(at: YamlPath, headers: Readonly<Record<string, string>> | undefined): Placed[] {
  return Object.entries(headers ?? {}).map(([name, text]) => [[...at, name], text])
}
