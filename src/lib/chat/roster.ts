/** Who sits in which room, by arithmetic alone, so that no list of 50,000 users is ever kept or sent. */

/** Rooms are filled evenly: their sizes differ by at most one, and neighbours by number share a room. */
export interface Roster {
  readonly users: number
  readonly rooms: number
  /** Numbers of users and rooms count from here, so that several rosters of one run never clash. */
  readonly firstUser: number
  readonly firstRoom: number
}

/** As many rooms as it takes for none to be larger than `roomSize`; numbered on from where `before` ends. */
export function rosterOf(users: number, roomSize: number, before?: Roster): Roster {
  return {
    users,
    rooms: Math.ceil(users / roomSize),
    firstUser: before ? before.firstUser + before.users : 0,
    firstRoom: before ? before.firstRoom + before.rooms : 0,
  }
}

/** First user of a room; the room ends where the next begins. */
export function roomStart({users, rooms, firstUser, firstRoom}: Roster, room: number): number {
  return firstUser + Math.floor(((room - firstRoom) * users) / rooms)
}

export function membersOf(roster: Roster, room: number): number {
  return roomStart(roster, room + 1) - roomStart(roster, room)
}

/** The room of a user: the inverse of `roomStart`. */
export function roomOf({users, rooms, firstUser, firstRoom}: Roster, user: number): number {
  return firstRoom + Math.ceil(((user - firstUser + 1) * rooms) / users) - 1
}

export function holds({users, firstUser}: Roster, user: number): boolean {
  return user >= firstUser && user < firstUser + users
}

export function hasRoom({rooms, firstRoom}: Roster, room: number): boolean {
  return room >= firstRoom && room < firstRoom + rooms
}

/** The rooms of one of `workers`: whole rooms, so that one worker keeps the whole ledger of each. `end` is not included. */
export function roomsOfWorker(
  {rooms, firstRoom}: Roster,
  worker: number,
  workers: number,
): {first: number; end: number} {
  const upTo = (count: number): number => firstRoom + Math.floor((count * rooms) / workers)
  return {first: upTo(worker), end: upTo(worker + 1)}
}
