/** Plans the check of the idle time: who is silent, who only keeps its connection alive, who only receives, and for how long. */
import {UsageError} from '../../base/errors.js'
import type {Ms, PerSecond} from '../../base/units.js'
import {rosterOf, type Roster} from '../../chat/roster.js'
import type {WsFloodInput} from './input.js'

export interface IdlePlan {
  /** After so long the server has promised to close a silent connection. */
  readonly lengthMs: Ms
  /** How much later than promised, or earlier, a closing may be. */
  readonly toleranceMs: Ms
  /** Each alone in a room, so that nobody's coming and going is delivered to it. */
  readonly silent: Roster
  readonly keeping: Roster
  /** In each room its first member speaks; the others only receive. */
  readonly receiving: Roster
  /** Messages of the receiving rooms together. */
  readonly messageRate: PerSecond
  /** How often an active connection shows that it is. */
  readonly signEveryMs: Ms
  /** From the first of these users until the last is judged. */
  readonly watchMs: Ms
}

const USERS_OF_EACH_KIND = 100
const TOLERANCE = 0.1
/** Signs of life within the idle time, so that one may be late. */
const SIGNS = 3
const SHORTEST: Ms = 1000
const SLACK: Ms = 1000

/** Undefined when it is not asked for. Throws a UsageError for a time that cannot be checked. */
export function planIdle(input: WsFloodInput, before: Roster): IdlePlan | undefined {
  const {checkIdleMs: lengthMs, roomSize, connectRate} = input
  if (lengthMs === undefined) return undefined
  if (lengthMs < SHORTEST) {
    throw new UsageError(`--check-idle ${lengthMs}ms: so short a time cannot be told from the way there and back`, {
      hint: 'use 1s or more',
    })
  }
  const silent = rosterOf(USERS_OF_EACH_KIND, 1, before)
  const keeping = rosterOf(USERS_OF_EACH_KIND, 1, silent)
  const listeners = Math.max(1, roomSize - 1)
  const rooms = Math.ceil(USERS_OF_EACH_KIND / listeners)
  const receiving = rosterOf(USERS_OF_EACH_KIND + rooms, (USERS_OF_EACH_KIND + rooms) / rooms, keeping)
  const users = silent.users + keeping.users + receiving.users
  return {
    lengthMs,
    toleranceMs: lengthMs * TOLERANCE,
    silent,
    keeping,
    receiving,
    messageRate: (receiving.rooms * SIGNS * 1000) / lengthMs,
    signEveryMs: lengthMs / SIGNS,
    watchMs: lengthMs * (1 + TOLERANCE) + (users * 1000) / connectRate + SLACK,
  }
}

export function idleThresholds({toleranceMs}: IdlePlan): string[] {
  return ['idle_not_closed == 0', 'active_closed == 0', `max(idle_close_error) < ${toleranceMs}ms`]
}
