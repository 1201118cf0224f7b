/** What it takes to be users of a chat: who there is, where the target answers, and how one connects and comes back. Plain data. */
import type {Ms, PerSecond} from '../base/units.js'
import type {WorkerKit} from '../load/worker-kit.js'
import type {Target} from '../targets/target.js'
import type {KeepAlive} from './keep-alive.js'
import type {People} from './people.js'
import type {Roster} from './roster.js'

/** Who sits where, and how one gets there; enough to let single users in. */
export interface Seating {
  readonly people: People
  readonly target: Target
  /** Own addresses, taken in turn; empty lets the system choose. */
  readonly sources: readonly string[]
}

/** How the users of one roster come, stay and come back. */
export interface ChatPlan {
  readonly roster: Roster
  /** Of the whole roster, over all workers. */
  readonly connectRate: PerSecond
  readonly reconnect: 'full-jitter' | 'off'
  /** Base and cap of the full-jitter backoff. */
  readonly backoff: {readonly baseMs: Ms; readonly capMs: Ms}
  /** From due until in the room; a user that takes longer counts as a connection error. */
  readonly connectTimeoutMs: Ms
  /** How often users show that they are there. */
  readonly keepAlive: KeepAlive
}

/** What users are made with. */
export interface ChatShare extends Seating {
  readonly plan: ChatPlan
}

/** The same share for other users: with some decisions of its plan changed. */
export function shareWith<Share extends ChatShare>(share: Share, changes: Partial<Share['plan']>): Share {
  return {...share, plan: {...share.plan, ...changes}}
}

/** The kit for users that this worker carries whole. */
export function alone(kit: WorkerKit): WorkerKit {
  return {...kit, index: 0, workers: 1}
}
