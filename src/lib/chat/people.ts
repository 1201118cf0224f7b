/** All users of a run by number: those that the workers share, and guests that one worker carries beside its share. */
import {holds, type Roster} from './roster.js'

/** No user is in two rosters; rooms may be in several, as where some only read and others only write. */
export interface People {
  /** Each is spread over all workers, by its rooms. */
  readonly shared: readonly [Roster, ...Roster[]]
  /** One worker carries them all. */
  readonly guests: readonly Roster[]
}

/** Ordinary users alone. */
export function peopleOf(...shared: [Roster, ...Roster[]]): People {
  return {shared, guests: []}
}

export function rostersOf({shared, guests}: People): readonly [Roster, ...Roster[]] {
  return [...shared, ...guests]
}

/** Users of all rosters. */
export function usersOf(people: People): number {
  return rostersOf(people).reduce((sum, {users}) => sum + users, 0)
}

/** The first roster for a user that is in none. */
export function rosterOfUser(rosters: readonly [Roster, ...Roster[]], user: number): Roster {
  return rosters.find((roster) => holds(roster, user)) ?? rosters[0]
}

/** The worker that carries the guests. */
export function isHost({index, workers}: {index: number; workers: number}): boolean {
  return index === workers - 1
}
