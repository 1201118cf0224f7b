/** Users without a ledger: some only read and others only write in the same rooms. */
import {afterEach, beforeEach, expect, test, vi} from 'vitest'
import {HostClock} from '../../src/lib/base/clock.js'
import {seededRandom} from '../../src/lib/base/random.js'
import {identitiesOf, type Identities} from '../../src/lib/chat/identities.js'
import {peopleOf} from '../../src/lib/chat/people.js'
import type {Roster} from '../../src/lib/chat/roster.js'
import type {ChatShare} from '../../src/lib/chat/share.js'
import {quietCounters} from '../../src/lib/chat/user-counters.js'
import type {UserEvents} from '../../src/lib/chat/user-parts.js'
import {Users} from '../../src/lib/chat/users.js'
import {writeStamp} from '../../src/lib/protocols/stamp.js'
import {smallChat, type SmallChat} from './small-chat.js'

/** Three readers and one writer in each of two rooms. */
const READERS: Roster = {users: 6, rooms: 2, firstUser: 0, firstRoom: 0}
const WRITERS: Roster = {users: 2, rooms: 2, firstUser: 6, firstRoom: 0}

const clock = new HostClock()
const kit = {
  index: 0,
  workers: 1,
  runId: 'readwrit',
  clock,
  random: seededRandom('users'),
  signal: new AbortController().signal,
}
const nothing = (): void => undefined
const deaf: UserEvents = {entered: nothing, lost: nothing, stamp: nothing, acked: nothing, publishRefused: nothing}

let chat: SmallChat
let identities: Identities
let opened: Users[]

beforeEach(async () => {
  chat = await smallChat()
  identities = identitiesOf(seating(), kit)
  opened = []
})
afterEach(async () => {
  await Promise.all(opened.map((users) => users.close()))
  await identities[Symbol.asyncDispose]()
  await chat[Symbol.asyncDispose]()
})

function seating() {
  return {people: peopleOf(READERS, WRITERS), target: chat.target, sources: []}
}

async function connected(roster: Roster, events: Partial<UserEvents>): Promise<Users> {
  const share: ChatShare = {
    ...seating(),
    plan: {
      roster,
      connectRate: 1000,
      reconnect: 'full-jitter',
      backoff: {baseMs: 1, capMs: 10},
      connectTimeoutMs: 10_000,
      keepAlive: 'never',
    },
  }
  const users = new Users(share, {kit, identities, events: {...deaf, ...events}, counters: quietCounters})
  opened.push(users)
  await users.connect(clock.now())
  return users
}

test('what a writer says comes to all readers of its room, and its ack to the writer alone', async () => {
  const heard: string[] = []
  const acked: number[] = []
  await connected(READERS, {
    stamp: ({user}, publisher, sequence) => heard.push(`${publisher}:${sequence} at ${user}`),
    acked: () => expect.unreachable('a reader has nothing to be acked'),
  })
  const writers = await connected(WRITERS, {acked: ({user}) => acked.push(user)})
  expect(chat.rooms.size).toBe(2)
  writers.present(7)?.publish(writeStamp(kit.runId, 7, 0, 0), 0)
  await vi.waitFor(() => expect(acked).toEqual([7]))
  await vi.waitFor(() => expect(heard).toHaveLength(3))
  expect(heard.sort()).toEqual(['7:0 at 3', '7:0 at 4', '7:0 at 5'])
})

test('a writer that is cut off comes back into its room', async () => {
  const seen: string[] = []
  const writers = await connected(WRITERS, {
    entered: (user) => seen.push(`${user} in`),
    lost: (user) => seen.push(`${user} lost`),
  })
  expect(seen.sort()).toEqual(['6 in', '7 in'])
  for (const socket of chat.rooms.get(identities.roomName(1)) ?? []) socket.terminate()
  await vi.waitFor(() => expect(seen.slice(2)).toEqual(['7 lost', '7 in']))
  expect(writers.present(7)?.stage).toBe('in')
})
