/** All users of a flood, the ordinary ones and those of its checks, by number. */
import type {IdlePlan} from './idle-plan.js'
import type {RoomCapPlan} from './room-cap-plan.js'
import {holds, type Roster} from './roster.js'

/** What decides who there is. */
export interface Peopled extends Checks {
  readonly roster: Roster
}

/** The checks that have users of their own. */
interface Checks {
  readonly roomCap?: RoomCapPlan | undefined
  readonly idle?: IdlePlan | undefined
}

/** The rosters of the checks, in the order of their numbers. */
export function guestRosters({roomCap, idle}: Checks): Roster[] {
  return [...(roomCap ? [roomCap.roster] : []), ...(idle ? [idle.silent, idle.keeping, idle.receiving] : [])]
}

/** Users beside the ordinary ones; one worker carries them all. */
export function guestsOf(plan: Checks): number {
  return guestRosters(plan).reduce((sum, {users}) => sum + users, 0)
}

/** Users of all rosters; their numbers have no gaps. */
export function usersOf(plan: Peopled): number {
  return plan.roster.users + guestsOf(plan)
}

export function rosterOfUser(plan: Peopled, user: number): Roster {
  return guestRosters(plan).find((roster) => holds(roster, user)) ?? plan.roster
}

/** The worker that carries the users of the checks. */
export function isHost({index, workers}: {index: number; workers: number}): boolean {
  return index === workers - 1
}
