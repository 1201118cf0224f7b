/** Plans the room that is filled to its cap and beyond: who tries it, who leaves again, and how much it talks. */
import {UsageError} from '../../base/errors.js'
import type {PerSecond} from '../../base/units.js'
import {rosterOf, type Roster} from '../../chat/roster.js'
import type {WsFloodInput} from './input.js'

export interface RoomCapPlan {
  readonly cap: number
  /** One room, for more users than may be in it. */
  readonly roster: Roster
  /** Members that leave, so that others can have their seats. */
  readonly leavers: number
  readonly messageRate: PerSecond
}

/** Users that try the room beyond its cap. */
const SURPLUS = 20
const MOST_LEAVERS = 10
const LEAST_RATE: PerSecond = 1
/** So that whoever gets in half-way is still due a message. */
const LEAST_MESSAGES = 16

/** Undefined when it is not asked for. Throws a UsageError for a cap that cannot be checked. */
export function planRoomCap(input: WsFloodInput, ordinary: Roster): RoomCapPlan | undefined {
  const {checkRoomCap: cap, roomSize, messageRate, durationMs} = input
  if (cap === undefined) return undefined
  if (cap < 2)
    throw new UsageError(`--check-room-cap ${cap}: in a room of one nobody could talk`, {hint: 'use 2 or more'})
  if (cap < roomSize) {
    throw new UsageError(
      `--check-room-cap ${cap} is less than --room-size ${roomSize}: rooms would not hold their users`,
      {
        hint: `use --room-size ${cap} or less`,
      },
    )
  }
  return {
    cap,
    roster: rosterOf(cap + SURPLUS, cap + SURPLUS, ordinary),
    leavers: Math.min(MOST_LEAVERS, Math.floor(cap / 2)),
    messageRate: Math.max(messageRate / ordinary.rooms, LEAST_RATE, (LEAST_MESSAGES * 1000) / durationMs),
  }
}

export const ROOM_CAP_THRESHOLDS = [
  'room_overadmitted == 0',
  'room_underadmitted == 0',
  'room_refusals_ungraceful == 0',
  'room_bystander_errors == 0',
]
