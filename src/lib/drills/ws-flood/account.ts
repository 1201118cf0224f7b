/** Closes the ledgers of a population, and asks the history for what is missing. */
import {askHistory, messageKey, type HistoryAnswer} from '../../chat/history.js'
import type {Identities} from '../../chat/identities.js'
import {roomStart} from '../../chat/roster.js'
import {momentsOf} from '../../faults/course/moments.js'
import type {WorkerKit} from '../../load/worker-kit.js'
import type {Population} from './population.js'
import type {MissingInRoom} from './room-book.js'
import type {LostMessage, WorkerAccount, WsFloodShare} from './share.js'

/** Lost messages that the report shows of each population. */
const EXAMPLES = 5

type Told = Pick<WorkerAccount, 'examples' | 'historyTrouble'>

export interface Account extends Told {
  readonly missing: readonly MissingInRoom[]
}

export async function accountOf(
  {share, talk, book}: Population,
  kit: WorkerKit,
  identities: Identities,
): Promise<Account> {
  talk.end()
  const missing = book.close()
  const history = await askHistory(share, kit, {identities, rooms: missing.map(({room}) => room)})
  countRecovered(share, kit, {missing, history})
  const examples = missing.slice(0, EXAMPLES).map((one) => exampleOf(share, one, {identities, history}))
  return {missing, examples, historyTrouble: history?.trouble}
}

/** All accounts as one. */
export function mergedAccounts(accounts: readonly Account[]): Told {
  return {
    examples: accounts.flatMap(({examples}) => examples),
    historyTrouble: accounts.find(({historyTrouble}) => historyTrouble !== undefined)?.historyTrouble,
  }
}

interface Settling {
  readonly missing: readonly MissingInRoom[]
  readonly history: HistoryAnswer | undefined
}

function countRecovered({plan}: WsFloodShare, kit: WorkerKit, {missing, history}: Settling): void {
  const recovered = kit.tally.counter('messages_recovered')
  const note = momentsOf(kit)
  for (const {room, publisher, sequence, phase, startedAt, members} of missing) {
    note('lost', startedAt, members.length)
    const sender = roomStart(plan.roster, room) + publisher
    if (!history?.found.has(messageKey(sender, sequence))) continue
    recovered.add(phase, members.length)
    note('recovered', startedAt, members.length)
  }
}

function exampleOf(
  {plan}: WsFloodShare,
  {room, publisher, sequence, members}: MissingInRoom,
  {identities, history}: {identities: Identities; history: HistoryAnswer | undefined},
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
