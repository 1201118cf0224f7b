/** Who sits in which room, by arithmetic alone, so that no list of 50,000 users is ever kept or sent. */

/** Rooms are filled evenly: their sizes differ by at most one, and neighbours by number share a room. */
export interface Roster {
  readonly users: number
  readonly rooms: number
}

/** As many rooms as it takes for none to be larger than `roomSize`. */
export function rosterOf(users: number, roomSize: number): Roster {
  return {users, rooms: Math.ceil(users / roomSize)}
}

/** First user of a room; the room ends where the next begins. */
export function roomStart({users, rooms}: Roster, room: number): number {
  return Math.floor((room * users) / rooms)
}

export function membersOf(roster: Roster, room: number): number {
  return roomStart(roster, room + 1) - roomStart(roster, room)
}

/** The room of a user: the inverse of `roomStart`. */
export function roomOf({users, rooms}: Roster, user: number): number {
  return Math.ceil(((user + 1) * rooms) / users) - 1
}

/** The rooms of one of `workers`: whole rooms, so that one worker keeps the whole ledger of each. `end` is not included. */
export function roomsOfWorker({rooms}: Roster, worker: number, workers: number): {first: number; end: number} {
  return {first: Math.floor((worker * rooms) / workers), end: Math.floor(((worker + 1) * rooms) / workers)}
}
