/** One worker's share of a flood, step by step: connect, talk, drain, settle, close. */
import type {Ms} from '../../base/units.js'
import {identitiesOf} from '../../chat/identities.js'
import {premisesSteps, type PremisesSteps} from '../../chat/premises-steps.js'
import {Premises} from '../../chat/premises.js'
import type {WorkerKit} from '../../load/worker-kit.js'
import {accountOf, mergedAccounts} from './account.js'
import {guestsOfWorker} from './guests.js'
import {levelSteps, type LevelSteps} from './level-steps.js'
import {populationOf} from './population.js'
import type {RoomBook} from './room-book.js'
import type {WorkerAccount, WsFloodShare} from './share.js'

const LOOK_EVERY: Ms = 50

export interface WsFloodSteps extends LevelSteps, PremisesSteps, Record<string, (input: never) => Promise<unknown>> {
  /** Resolves to the resident bytes once every user was tried. */
  connect(input: {readonly startAtMs: Ms}): Promise<number>
  /** Fills the room whose cap is checked. */
  fill(input: {readonly startAtMs: Ms}): Promise<true>
  talk(input: {readonly startAtMs: Ms}): Promise<true>
  /** Waits until nothing came for a while. */
  drain(input: null): Promise<true>
  /** Closes the ledgers and asks the history for what is missing. */
  settle(input: null): Promise<WorkerAccount>
  close(input: null): Promise<true>
}

export function work(share: WsFloodShare, kit: WorkerKit): WsFloodSteps {
  const identities = identitiesOf(share, kit)
  const ordinary = populationOf(share, kit, {identities})
  const guests = guestsOfWorker(share, kit, identities)
  const {users, book, talk} = ordinary
  const books = [book, ...guests.populations.map((population) => population.book)]
  return {
    ...premisesSteps(new Premises(share, kit, identities)),
    ...levelSteps(share, kit, {users, book, talk, drain: () => drain(share, kit, [book])}),
    async connect({startAtMs}) {
      await users.connect(startAtMs)
      return process.memoryUsage.rss()
    },
    fill: ({startAtMs}) => done(guests.fill(startAtMs)),
    talk: ({startAtMs}) => done(talk.run(users, startAtMs), guests.talk(startAtMs)),
    drain: () => done(drain(share, kit, books)),
    async settle() {
      const rssBytes = process.memoryUsage.rss()
      const count = guests.count()
      const accounts = [await accountOf(ordinary, kit, identities), ...(await guests.account())]
      return {...mergedAccounts(accounts), rssBytes, guests: count}
    },
    async close() {
      await Promise.all([users.close(), guests.close()])
      return true
    },
  }
}

/** Steps without a result yield that they lived to the end. */
async function done(...work: readonly Promise<unknown>[]): Promise<true> {
  await Promise.all(work)
  return true
}

/** Until nothing came for `quietMs`, at most `atMostMs`; after an interrupt too, or what is on its way would look lost. */
async function drain({plan}: WsFloodShare, {clock}: WorkerKit, books: readonly RoomBook[]): Promise<void> {
  const startedAt = clock.now()
  const quiet = (): boolean =>
    clock.now() - Math.max(startedAt, ...books.map(({lastArrival}) => lastArrival ?? 0)) >= plan.drain.quietMs
  while (!quiet() && clock.now() - startedAt < plan.drain.atMostMs) await clock.sleep(LOOK_EVERY)
}
