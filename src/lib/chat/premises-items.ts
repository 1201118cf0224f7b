/** For whom the requests of a set-up are sent, and how fast. */
import {parseRate} from '../base/parse-units.js'
import type {PerSecond} from '../base/units.js'
import type {RequestSpec} from '../targets/requests/schema.js'
import {isHost, rostersOf, usersOf, type People} from './people.js'
import {hasRoom, roomsOfWorker, roomStart, type Roster} from './roster.js'

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
export function countOf(each: RequestSpec['each'], people: People): number {
  if (each === 'run') return 1
  if (each === 'user') return usersOf(people)
  let rooms = 0
  for (const roster of rostersOf(people)) {
    const {firstRoom} = roster
    for (let n = firstRoom; n < firstRoom + roster.rooms; n++) if (asksFor(n, roster, people)) rooms++
  }
  return rooms
}

/** Those of one worker; the first worker asks for what is asked once a run. */
export function* itemsOf(
  each: RequestSpec['each'],
  people: People,
  worker: {readonly index: number; readonly workers: number},
): Generator<Item> {
  const {shared, guests} = people
  if (each === 'run') {
    if (worker.index === 0) yield {n: 0, user: shared[0].firstUser}
    return
  }
  const within = each === 'room' ? roomsWithin : usersWithin
  for (const roster of shared) yield* within(people, roster, roomsOfWorker(roster, worker.index, worker.workers))
  if (!isHost(worker)) return
  for (const roster of guests) yield* within(people, roster, roomsOfWorker(roster, 0, 1))
}

type Rooms = ReturnType<typeof roomsOfWorker>

function* roomsWithin(people: People, roster: Roster, {first, end}: Rooms): Generator<Item> {
  for (let n = first; n < end; n++) if (asksFor(n, roster, people)) yield {n, user: roomStart(roster, n)}
}

function* usersWithin(_: People, roster: Roster, {first, end}: Rooms): Generator<Item> {
  for (let n = roomStart(roster, first); n < roomStart(roster, end); n++) yield {n, user: n}
}

/** Of several rosters in one room the first one asks. */
function asksFor(room: number, roster: Roster, people: People): boolean {
  return rostersOf(people).find((other) => hasRoom(other, room)) === roster
}
