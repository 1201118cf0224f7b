/** For whom the requests of a set-up are sent, and how fast. */
import {parseRate} from '../../base/parse-units.js'
import type {PerSecond} from '../../base/units.js'
import type {RequestSpec} from '../../targets/requests/schema.js'
import {guestRosters, isHost, type Peopled} from './populations.js'
import {roomsOfWorker, roomStart, type Roster} from './roster.js'

const DEFAULT_RATE = '50/s'

/** A run, a room or a user, by its number. */
export interface Item {
  readonly n: number
  /** Who asks. */
  readonly user: number
}

/** Requests a second, over all workers. */
export function rateOf({rate}: Pick<RequestSpec, 'rate'>): PerSecond {
  return parseRate(rate ?? DEFAULT_RATE, {positive: true, name: 'rate'})
}

/** How many a request is sent for, over all workers. */
export function countOf(each: RequestSpec['each'], plan: Peopled): number {
  const rosters = [plan.roster, ...guestRosters(plan)]
  if (each === 'run') return 1
  return rosters.reduce((sum, {users, rooms}) => sum + (each === 'room' ? rooms : users), 0)
}

/** Those of one worker; the first worker asks for what is asked once a run. */
export function* itemsOf(
  each: RequestSpec['each'],
  {plan}: {readonly plan: Peopled},
  worker: {readonly index: number; readonly workers: number},
): Generator<Item> {
  if (each === 'run') {
    if (worker.index === 0) yield {n: 0, user: plan.roster.firstUser}
    return
  }
  yield* within(each, plan.roster, roomsOfWorker(plan.roster, worker.index, worker.workers))
  if (!isHost(worker)) return
  for (const roster of guestRosters(plan)) {
    yield* within(each, roster, {first: roster.firstRoom, end: roster.firstRoom + roster.rooms})
  }
}

function* within(each: 'room' | 'user', roster: Roster, {first, end}: {first: number; end: number}): Generator<Item> {
  if (each === 'room') for (let n = first; n < end; n++) yield {n, user: roomStart(roster, n)}
  else for (let n = roomStart(roster, first); n < roomStart(roster, end); n++) yield {n, user: n}
}
