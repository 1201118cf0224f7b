/** One worker's share of a run, step by step: open, load, drain, settle, close. */
import type {Ms} from '../../base/units.js'
import type {PremisesSteps} from '../../chat/premises-steps.js'
import type {WorkerKit} from '../../load/worker-kit.js'
import type {Pace} from '../../pacing/pace.js'
import type {Carrier} from '../../protocols/messaging/carrier.js'
import {roomsOf} from '../../protocols/messaging/layout.js'
import {StampReader} from '../../protocols/stamp.js'
import {Accepted} from './accepted.js'
import {Backlog} from './backlog.js'
import type {ChatListener} from './chat-carrier.js'
import {chatEquipmentFor, nothingToMake, type ChatEquipment} from './chat-equipment.js'
import {carrierFor} from './carriers.js'
import {DeliveryBook} from './delivery-book.js'
import {Dispatch} from './dispatch.js'
import {paddingOf} from './padding.js'
import {settle} from './settle.js'
import type {MsgThroughputShare, WorkerAccount} from './share.js'
import {transports} from './transports.js'

export interface MsgThroughputSteps extends PremisesSteps, Record<string, (input: never) => Promise<unknown>> {
  /** Connects; rejects with a TargetError. */
  open(input: null): Promise<true>
  /** Sends this worker's part of a pace, and resolves with when the last message was due. What comes out until `inTimeUntilMs` counts for the rate. */
  load(input: {readonly pace: Pace; readonly startAtMs: Ms; readonly inTimeUntilMs: Ms}): Promise<Ms>
  /** Waits until nothing is on its way, or nothing came for a while. */
  drain(input: null): Promise<true>
  /** Counts what was due and lost so far, between the levels of a search. */
  conclude(input: null): Promise<true>
  /** Closes the ledgers. */
  settle(input: null): Promise<WorkerAccount>
  close(input: null): Promise<true>
}

const LOOK_EVERY: Ms = 50

export async function work(share: MsgThroughputShare, kit: WorkerKit): Promise<MsgThroughputSteps> {
  const own = await equip(share, kit)
  const {carrier, book, dispatch, backlog} = own
  const {live, reach} = transports[share.plan.transport]
  return {
    ...(own.chat?.premises ?? nothingToMake),
    async open() {
      await carrier.open()
      // Users of a chat tell by themselves when they are in their rooms.
      if (reach !== 'chat') book.enterAll()
      return true
    },
    async load({pace, startAtMs, inTimeUntilMs}) {
      book.inTimeUntilMs = inTimeUntilMs
      using _watching = backlog.watch()
      return await dispatch.run(pace, startAtMs)
    },
    async drain() {
      await drained(share, kit, own)
      if (!live) await carrier.read?.()
      return true
    },
    conclude() {
      dispatch.end()
      book.conclude({forGood: false})
      return Promise.resolve(true)
    },
    settle: () => settle(own, kit),
    async close() {
      await carrier[Symbol.asyncDispose]()
      return true
    },
  }
}

interface Equipment {
  readonly carrier: Carrier
  readonly book: DeliveryBook
  readonly dispatch: Dispatch
  readonly backlog: Backlog
  readonly accepted: Accepted
  readonly chat: ChatEquipment | undefined
}

async function equip(share: MsgThroughputShare, kit: WorkerKit): Promise<Equipment> {
  const {plan} = share
  const {layout} = plan
  const rooms = roomsOf(layout, kit.index, kit.workers)
  const book = new DeliveryBook({layout, rooms, inFlightMs: plan.drain.quietMs}, kit)
  const accepted = new Accepted(plan.archive !== undefined)
  const chat = await chatEquipmentFor(share, kit)
  const listener = listenerOf(book, kit, (...answer) => dispatch.answered(...answer))
  const carrier = await carrierFor(share, kit, {listener, chat})
  const dispatch: Dispatch = new Dispatch(plan, kit, {
    rooms,
    carrier,
    book,
    padding: paddingOf(plan, kit.random),
    accepted: (voice, sequence) => accepted.add(voice, sequence),
  })
  return {carrier, book, dispatch, backlog: new Backlog(book, kit), accepted, chat}
}

function listenerOf(book: DeliveryBook, kit: WorkerKit, answered: Dispatch['answered']): ChatListener {
  const {tally, timeline, clock} = kit
  const reader = new StampReader(kit.runId)
  const from = {seat: 0, again: false}
  const stamps = {
    stamp: (voice: number, sequence: number, due: Ms) =>
      book.receive(from.seat, {voice, sequence, due, again: from.again}),
    broken: () => tally.counter('messages_unexpected').add(timeline.at(clock.now())),
  }
  return {
    answered,
    arrived(seat, text, again) {
      from.seat = seat
      from.again = again
      reader.read(text, stamps)
    },
    stamped: (seat, stamp) => book.receive(seat, {...stamp, again: false}),
    left: (seat) => book.leave(seat),
    entered: (seat) => book.enter(seat),
    lost: (reason) => tally.counter('connection_errors', {reason}).add(timeline.at(clock.now())),
  }
}

/** Until all is answered and out, or nothing came for `quietMs`; at most `atMostMs`. After an interrupt too, or what is on its way would look lost. */
async function drained({plan}: MsgThroughputShare, {clock}: WorkerKit, {book, dispatch}: Equipment): Promise<void> {
  const {live} = transports[plan.transport]
  const startedAt = clock.now()
  const over = (): boolean => {
    const now = clock.now()
    if (now - startedAt >= plan.drain.atMostMs) return true
    if (!live) return dispatch.unanswered === 0
    return now - Math.max(startedAt, book.lastArrival ?? 0) >= plan.drain.quietMs
  }
  while (!over()) await clock.sleep(LOOK_EVERY)
}
