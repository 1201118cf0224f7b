/** Closes a worker's ledgers for good, and asks the history for what is missing. */
import {messageKey} from '../../chat/history.js'
import {momentsOf} from '../../faults/course/moments.js'
import type {WorkerKit} from '../../load/worker-kit.js'
import type {Carrier, Recalled} from '../../protocols/messaging/carrier.js'
import type {Accepted} from './accepted.js'
import type {DeliveryBook, MissingInRoom} from './delivery-book.js'
import type {Dispatch} from './dispatch.js'
import type {WorkerAccount} from './share.js'

interface Settling {
  readonly carrier: Carrier
  readonly book: DeliveryBook
  readonly dispatch: Dispatch
  readonly accepted: Accepted
}

/** Lost messages that the report shows of each worker. */
const EXAMPLES = 5

export async function settle(
  {carrier, book, dispatch, accepted}: Settling,
  kit: Pick<WorkerKit, 'tally' | 'startedAtMs'>,
): Promise<WorkerAccount> {
  dispatch.end()
  const missing = book.conclude({forGood: true})
  const recalled = missing.length === 0 ? undefined : await carrier.recall?.(missing.map(({room}) => room))
  countRecovered(missing, recalled, kit)
  const examples = missing.slice(0, EXAMPLES).map((one) => ({
    room: one.room,
    voice: one.voice,
    sequence: one.sequence,
    seats: one.members.length,
    inHistory: recalled?.found.has(keyOf(one)),
  }))
  return {examples, accepted: accepted.entries(), historyTrouble: recalled?.trouble}
}

function countRecovered(
  missing: readonly MissingInRoom[],
  recalled: Recalled | undefined,
  kit: Pick<WorkerKit, 'tally' | 'startedAtMs'>,
): void {
  const recovered = kit.tally.counter('messages_recovered')
  const note = momentsOf(kit)
  for (const one of missing) {
    if (recalled?.found.has(keyOf(one)) !== true) continue
    recovered.add(one.phase, one.members.length)
    note('recovered', one.startedAt, one.members.length)
  }
}

function keyOf({voice, sequence}: MissingInRoom): string {
  return messageKey(voice, sequence)
}
