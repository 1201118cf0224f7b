/** One worker's share of a flood, step by step: connect, talk, drain, settle, close. */
import {roomsOfWorker, roomStart} from './roster.js'
import {askHistory, messageKey, type HistoryAnswer} from './history.js'
import {identitiesOf} from './identities.js'
import {RoomBook, type MissingInRoom} from './room-book.js'
import type {LostMessage, WorkerAccount, WsFloodShare} from './share.js'
import {Talk} from './talk.js'
import {Users} from './users.js'
import type {Ms} from '../../base/units.js'
import type {WorkerKit} from '../../load/worker-kit.js'

/** Lost messages that the report shows of each worker. */
const EXAMPLES = 5
const LOOK_EVERY: Ms = 50

export interface WsFloodSteps extends Record<string, (input: never) => Promise<unknown>> {
  /** Resolves to the resident bytes once every user was tried. */
  connect(input: {readonly startAtMs: Ms}): Promise<number>
  talk(input: {readonly startAtMs: Ms}): Promise<true>
  /** Waits until nothing came for a while. */
  drain(input: null): Promise<true>
  /** Closes the ledgers and asks the history for what is missing. */
  settle(input: null): Promise<WorkerAccount>
  close(input: null): Promise<true>
}

export function work(share: WsFloodShare, kit: WorkerKit): WsFloodSteps {
  const {users, book, talk, identities} = peopleOf(share, kit)
  return {
    async connect({startAtMs}) {
      await users.connect(startAtMs)
      return process.memoryUsage.rss()
    },
    async talk({startAtMs}) {
      await talk.run(users, startAtMs)
      return true
    },
    async drain() {
      await drain(share, kit, book)
      return true
    },
    async settle() {
      const rssBytes = process.memoryUsage.rss()
      talk.end()
      const missing = book.close()
      const history = await askHistory(share, kit, {identities, missing})
      countRecovered(share, kit, {missing, history})
      const examples = missing.slice(0, EXAMPLES).map((one) => exampleOf(share, one, {identities, history}))
      return {examples, historyTrouble: history?.trouble, rssBytes}
    },
    async close() {
      await users.close()
      await identities[Symbol.asyncDispose]()
      return true
    },
  }
}

/** Users tell what happens to them; the book and the talk listen. */
function peopleOf(share: WsFloodShare, kit: WorkerKit) {
  const {plan} = share
  const identities = identitiesOf(share, kit)
  const book = new RoomBook(plan, kit, roomsOfWorker(plan.roster, kit.index, kit.workers))
  const talk = new Talk(plan, kit, {book, confirms: share.target.profile.protocol.publish.ack !== undefined})
  const users = new Users(share, {
    kit,
    identities,
    events: {
      entered: (user) => book.enter(user),
      lost(user) {
        talk.lost(user)
        book.lose(user)
      },
      stamp: (connection, publisher, sequence, due) => book.receive(connection.user, publisher, sequence, due),
      acked: (connection, id) => talk.acked(connection, id),
      publishRefused: (connection, id) => talk.refused(connection, id),
    },
  })
  return {users, book, talk, identities}
}

/** Until nothing came for `quietMs`, at most `atMostMs`; after an interrupt too, or what is on its way would look lost. */
async function drain({plan}: WsFloodShare, {clock}: WorkerKit, book: RoomBook): Promise<void> {
  const startedAt = clock.now()
  const quiet = (): boolean => clock.now() - Math.max(startedAt, book.lastArrival ?? 0) >= plan.drain.quietMs
  while (!quiet() && clock.now() - startedAt < plan.drain.atMostMs) await clock.sleep(LOOK_EVERY)
}

interface Settling {
  readonly missing: readonly MissingInRoom[]
  readonly history: HistoryAnswer | undefined
}

function countRecovered({plan}: WsFloodShare, {tally}: WorkerKit, {missing, history}: Settling): void {
  const recovered = tally.counter('messages_recovered')
  for (const {room, publisher, sequence, phase, members} of missing) {
    const sender = roomStart(plan.roster, room) + publisher
    if (history?.found.has(messageKey(sender, sequence))) recovered.add(phase, members.length)
  }
}

function exampleOf(
  {plan}: WsFloodShare,
  {room, publisher, sequence, members}: MissingInRoom,
  {identities, history}: {identities: ReturnType<typeof identitiesOf>; history: HistoryAnswer | undefined},
): LostMessage {
  const start = roomStart(plan.roster, room)
  return {
    room: identities.roomName(room),
    sender: String(identities.who(start + publisher).user),
    sequence,
    receivers: members.length,
    firstReceiver: String(identities.who(start + (members[0] ?? 0)).user),
    inHistory: history?.found.has(messageKey(start + publisher, sequence)),
  }
}
