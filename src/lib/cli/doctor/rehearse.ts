/** Plays the drill's first minute with a user at each node: credentials, handshake, join, one message, history. */
import {randomInt} from 'node:crypto'
import type {Clock} from '../../base/clock.js'
import {ProofloadError} from '../../base/errors.js'
import type {Ms} from '../../base/units.js'
import {dialling} from '../../chat/dialling.js'
import {pageReader} from '../../chat/history.js'
import {type Identities, identitiesOf} from '../../chat/identities.js'
import {peopleOf} from '../../chat/people.js'
import {rosterOf} from '../../chat/roster.js'
import type {Seating} from '../../chat/share.js'
import {StampReader} from '../../protocols/stamp.js'
import {compileDialect} from '../../protocols/websocket/dialect.js'
import {type Guest, Rehearsal, type Said} from '../../protocols/websocket/rehearsal.js'
import type {Target} from '../../targets/target.js'
import {betweenSetUpAndTeardown, type SetUpSeen} from './set-up.js'

const ENTER_WITHIN: Ms = 5000
const HEAR_WITHIN: Ms = 5000
const FAREWELL: Ms = 2000
/** A user whose join is not confirmed has this long to be in its room before anyone speaks, as in the drill. */
const SETTLING: Ms = 1000
/** What is stored behind a queue may come a moment later. */
const HISTORY_TRIES = 4
const HISTORY_PAUSE: Ms = 500

/** What came of it, as far as it went. */
export interface Rehearsed {
  /** Milliseconds that the credentials took, or why there are none; and of a token what it says of its own end. */
  readonly credentials: Credentials
  /** Undefined when the profile has none. */
  readonly setUp: SetUpSeen | undefined
  /** One a node, in their order; empty when there were no credentials. */
  readonly guests: readonly Guest[]
  readonly room: string
  /** Undefined when nobody could speak. */
  readonly said: Said | undefined
  /** Those who had to hear it, without the speaker. */
  readonly receivers: readonly Guest[]
  readonly history: HistorySeen | undefined
}

export type Credentials =
  | {readonly ok: true; readonly ms: Ms; readonly token: string}
  | {readonly ok: false; readonly why: string; readonly hint: string | undefined}

export type HistorySeen =
  | {readonly ok: true; readonly bytes: number; readonly holdsIt: boolean; readonly ms: Ms}
  | {readonly ok: false; readonly why: string}

export interface Stage {
  readonly target: Target
  readonly sources: readonly string[]
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly note: (text: string) => void
}

/** Two users at least, so that one can hear the other. */
const FEWEST_USERS = 2

/** Never rejects for anything that the target does. */
export async function rehearse(stage: Stage): Promise<Rehearsed> {
  const {target} = stage
  const users = Math.max(FEWEST_USERS, target.urls.length)
  const seating: Seating = {people: peopleOf(rosterOf(users, users)), target, sources: stage.sources}
  const runId = freshRunId()
  try {
    await using identities = identitiesOf(seating, {runId, clock: stage.clock, workers: 1, signal: stage.signal})
    stage.note('getting credentials')
    const credentials = await admitAll(identities, users, stage.clock)
    if (!credentials.ok) return {...NOTHING, credentials}
    const {setUp, played} = await betweenSetUpAndTeardown(seating, {...stage, identities}, () =>
      play(seating, {...stage, runId, identities, users}),
    )
    return {...NOTHING, credentials, setUp, ...played}
  } catch (error) {
    return {...NOTHING, credentials: refused(error)}
  }
}

const NOTHING = {setUp: undefined, guests: [], room: '', said: undefined, receivers: [], history: undefined}

async function admitAll(identities: Identities, users: number, clock: Clock): Promise<Credentials> {
  const start = clock.now()
  try {
    await Promise.all(Array.from({length: users}, async (_, user) => identities.admit(user)))
    return {ok: true, token: String(identities.who(0).token), ms: clock.now() - start}
  } catch (error) {
    return refused(error)
  }
}

/** What is wrong with files, keys and logins is told by errors of ours; anything else is a bug. */
function refused(error: unknown): Credentials {
  if (error instanceof ProofloadError) return {ok: false, why: error.message, hint: error.hint}
  throw error
}

interface Play extends Stage {
  readonly runId: string
  readonly identities: Identities
  readonly users: number
}

async function play(
  seating: Seating,
  {identities, users, runId, ...stage}: Play,
): Promise<Omit<Rehearsed, 'credentials' | 'setUp'>> {
  const {clock, note, signal} = stage
  const dialect = compileDialect(seating.target.profile.protocol)
  const rehearsal = new Rehearsal({dialect, runId, clock, signal, who: (user) => identities.who(user)})
  const dial = dialling(seating, dialect)
  note('entering the room')
  const guests = await Promise.all(
    Array.from({length: users}, (_, user) =>
      rehearsal.enter({user, ...dial(user, identities.who(user), user), patience: ENTER_WITHIN}),
    ),
  )
  const room = String(identities.who(0).room)
  const inside = guests.filter(({refusal}) => refusal === undefined)
  const [speaker, ...others] = inside
  let said: Said | undefined
  let history: HistorySeen | undefined
  const receivers = others.length === 0 && seating.target.profile.guarantees.echo ? inside : others
  if (speaker !== undefined) {
    if (!dialect.confirmsJoin) await clock.sleep(SETTLING, signal)
    note(`sending one message into the room ${room}`)
    said = await rehearsal.say(speaker, receivers, HEAR_WITHIN)
    note('reading the history')
    history = await readHistory(seating, identities, {runId, clock, signal})
  }
  await rehearsal.leave(FAREWELL)
  return {guests, room, said, receivers, history}
}

async function readHistory(
  seating: Seating,
  identities: Identities,
  {runId, clock, signal}: {runId: string; clock: Clock; signal: AbortSignal},
): Promise<HistorySeen | undefined> {
  const page = pageReader(seating, identities)
  if (page === undefined) return undefined
  const reader = new StampReader(runId)
  const start = clock.now()
  let seen: HistorySeen | undefined
  for (let tries = 0; tries < HISTORY_TRIES && !signal.aborted; tries++) {
    if (tries > 0) await clock.sleep(HISTORY_PAUSE, signal)
    try {
      const text = await page(0)
      const holdsIt = reader.read(text, {stamp: () => undefined, broken: () => undefined}) > 0
      seen = {ok: true, bytes: text.length, holdsIt, ms: clock.now() - start}
      if (holdsIt) return seen
    } catch (error) {
      return {ok: false, why: error instanceof Error ? error.message : String(error)}
    }
  }
  return seen
}

/** Eight of [0-9a-z], so that the message is nobody else's. */
function freshRunId(): string {
  return Array.from({length: 8}, () => randomInt(36).toString(36)).join('')
}
