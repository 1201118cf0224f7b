/** All users of a flood, the ordinary ones and those of its checks, by number. */
import type {People} from '../../chat/people.js'
import type {Roster} from '../../chat/roster.js'
import type {IdlePlan} from './idle-plan.js'
import type {RoomCapPlan} from './room-cap-plan.js'

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

/** Their numbers have no gaps. */
export function populationsOf(plan: Peopled): People {
  return {shared: [plan.roster], guests: guestRosters(plan)}
}
