/** What the rehearsal showed, in words: credentials, handshake and join at each node, the message, the history. */
import {formatCount, formatDuration, formatSize} from '../../base/format-units.js'
import {redact} from '../../base/redact.js'
import {refusalHint} from '../../chat/refusal.js'
import {entranceWords, matcherWords} from '../../protocols/websocket/expectation.js'
import type {Protocol} from '../../protocols/websocket/protocol.js'
import type {Guest, Said} from '../../protocols/websocket/rehearsal.js'
import type {Check, Remedy} from '../../report/diagnosis-schema.js'
import type {Profile} from '../../targets/profile/schema.js'
import type {Rehearsed} from './rehearse.js'
import {tokenEnd} from './token-end.js'

/** @param labels of the nodes, in their order */
export function protocolChecks(
  rehearsed: Rehearsed,
  profile: Profile,
  {labels, now}: {labels: readonly string[]; now: Date},
): Check[] {
  const nodes = rehearsed.guests.slice(0, labels.length)
  return [
    credentialCheck(rehearsed, profile, now),
    setUpCheck(rehearsed),
    ...nodes.map((guest, node) => entranceCheck(guest, profile, labels[node] ?? '')),
    messageCheck(rehearsed, profile),
    historyCheck(rehearsed, profile),
  ].filter((check) => check !== undefined)
}

type More = Partial<Pick<Check, 'expected' | 'seen'>> & {readonly remedies?: readonly Remedy[]}

function row(name: string, state: Check['state'], value: string, {remedies = [], ...more}: More = {}): Check {
  return {area: 'protocol', name, state, value, remedies, ...more}
}

const HOW: Readonly<Record<Profile['auth']['mode'], string>> = {
  none: 'none are used (auth mode none)',
  fixed: 'the same token for all (auth mode fixed)',
  file: 'a token from the file (auth mode file)',
  sign: 'a token signed here (auth mode sign)',
  request: 'a token by login (auth mode request)',
}

function credentialCheck({credentials}: Rehearsed, {auth}: Profile, now: Date): Check {
  const name = 'credentials'
  if (!credentials.ok) {
    const what = credentials.hint ?? 'check the auth section of the profile'
    return row(name, 'problem', `${HOW[auth.mode]} · ${credentials.why}`, {remedies: [{what}]})
  }
  const value = auth.mode === 'request' ? `${HOW[auth.mode]} in ${formatDuration(credentials.ms)}` : HOW[auth.mode]
  const end = tokenEnd(credentials.token, now)
  if (end === undefined) return row(name, 'ok', value)
  if (end.left > 0) return row(name, 'ok', `${value} · good for ${formatDuration(end.left)}`)
  const remedies = [{what: 'get a fresh token into the auth section of the profile'}]
  return row(name, 'problem', `${value} · it expired ${formatDuration(Math.abs(end.left))} ago`, {remedies})
}

function setUpCheck({setUp}: Rehearsed): Check | undefined {
  if (setUp === undefined) return undefined
  const {made, removed, trouble} = setUp
  const value = `${formatCount(made)} made by setup, ${formatCount(removed)} removed by teardown`
  if (trouble === undefined) return row('set-up', 'ok', value)
  const remedies = [{what: trouble.hint ?? `check the requests under ${trouble.when} in the profile`}]
  return row('set-up', trouble.when === 'setup' ? 'problem' : 'warning', `${value} · ${trouble.why}`, {remedies})
}

function entranceCheck(guest: Guest, {protocol}: Profile, label: string): Check {
  const name = label === '' ? 'handshake, join' : `${label} join`
  if (guest.refusal === undefined) return row(name, 'ok', enteredWords(guest, protocol))
  const hint = refusalHint(guest)
  const expected = guest.waitingFor === undefined ? undefined : entranceWords(protocol, guest.waitingFor)
  return row(name, 'problem', refusedWords(guest, protocol), {
    remedies: hint === undefined ? [] : [{what: hint}],
    ...(expected === undefined ? {} : {expected: [expected, ...refusalExpected(protocol)]}),
    ...(guest.openMs === undefined ? {} : {seen: seenWords(guest)}),
  })
}

function enteredWords({openMs = 0, enteredMs = 0, subprotocol}: Guest, {name, join}: Protocol): string {
  return [
    `handshake in ${formatDuration(openMs)}`,
    ...(subprotocol === '' ? [] : [`subprotocol ${subprotocol}`]),
    join?.until === undefined
      ? `in the room by '${name}', which does not wait for a confirmation`
      : `join confirmed after ${formatDuration(enteredMs)}`,
  ].join(' · ')
}

function refusedWords({refusal = '', openMs, answer, waitingFor}: Guest, {transport}: Protocol): string {
  if (answer !== undefined) return answerWords(answer, transport === 'sse' ? 'no event stream' : 'no WebSocket')
  if (openMs === undefined) return `no handshake: ${refusal}`
  const opened = `handshake in ${formatDuration(openMs)}`
  if (waitingFor === undefined || refusal === 'join-refused') return `${opened} · turned down: ${refusal}`
  return `${opened} · not let into the room: ${refusal}`
}

function answerWords({status, headers}: NonNullable<Guest['answer']>, what: string): string {
  const {server, location} = headers
  const told: readonly (readonly [before: string, value: string | readonly string[] | undefined])[] = [
    ['', headers['content-type']],
    ['server ', server],
    ['to be found at ', location && redact(location)],
  ]
  const known = told.flatMap(([before, value]) => (value === undefined ? [] : [before + [value].flat().join(', ')]))
  return [`${what}: it answered ${status}`, ...known].join(' · ')
}

function refusalExpected({refused}: Protocol): string[] {
  return refused === undefined ? [] : [`or, to be turned down, refused: ${matcherWords(refused)}`]
}

function seenWords({frames}: Guest): readonly string[] {
  return frames.shown.length === 0 ? ['no frame at all'] : frames.shown
}

function messageCheck(rehearsed: Rehearsed, {protocol}: Profile): Check | undefined {
  const {said, receivers, guests, room} = rehearsed
  if (said === undefined) return undefined
  const {ack} = protocol.publish
  const missing = receivers.filter(({user}) => !said.reached.has(user))
  const acked = ack === undefined || said.ackMs !== undefined
  const value = [
    `ONE message was sent into the room ${redact(room)}`,
    ackWords(said, ack !== undefined),
    ...receivers.map(({user}) => reachedWords(user, said.reached.get(user), guests.length)),
  ].join(' · ')
  if (acked && !said.refused && missing.length === 0) return row('message', 'ok', value)
  return row('message', 'problem', value, {
    expected: [
      ...(acked ? [] : [`publish.ack.when: ${matcherWords(ack.when)}`]),
      ...(missing.length === 0 ? [] : ['a frame that holds {{body}} of the message as it was sent']),
    ],
    ...seenAt(acked ? (missing[0] ?? guests[0]) : guests.find(({refusal}) => refusal === undefined)),
    remedies: [{what: remedyWords(said.refused, acked)}],
  })
}

function seenAt(guest: Guest | undefined): Pick<More, 'seen'> {
  return guest === undefined ? {} : {seen: seenWords(guest)}
}

function ackWords({ackMs, refused}: Said, expected: boolean): string {
  if (refused) return 'it was refused'
  if (ackMs !== undefined) return `acked in ${formatDuration(ackMs)}`
  return expected ? 'no ack came' : 'the protocol has no ack'
}

function reachedWords(user: number, ms: number | undefined, guests: number): string {
  const who = guests > 2 ? `user ${user}` : 'the other user'
  return ms === undefined ? `${who} did not get it` : `${who} got it in ${formatDuration(ms)}`
}

function remedyWords(refused: boolean, acked: boolean): string {
  if (refused) return 'check publish in the protocol file, and that users may speak in the room'
  if (!acked) return 'check publish.send in the protocol file, and hold publish.ack.when against the frames seen'
  return 'check that both users are in the same room, and that the nodes are connected to each other'
}

function historyCheck({history, said}: Rehearsed, profile: Profile): Check | undefined {
  const name = 'history'
  if (said === undefined) return undefined
  if (history === undefined || profile.history === undefined)
    return row(name, 'ok', 'none is named, so that lost messages are not told apart from late ones')
  const url = redact(profile.history.url)
  if (!history.ok) {
    return row(name, 'problem', `${url} · ${history.why}`, {
      remedies: [{what: 'check history.url and history.headers'}],
    })
  }
  const value = `${url} · ${formatSize(history.bytes)} in ${formatDuration(history.ms)}`
  if (history.holdsIt) return row(name, 'ok', `${value} · it holds the message`)
  return row(name, 'warning', `${value} · the message is not in it`, {
    remedies: [{what: 'check history.url: does it name the room, and are its newest messages on that page?'}],
  })
}
