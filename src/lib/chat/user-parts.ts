/** What users are made with: who they are, and who is told what happens to them. */
import type {WorkerKit} from '../load/worker-kit.js'
import type {ConnectionListener, Ending} from '../protocols/chat-connection.js'
import type {Identities} from './identities.js'
import type {UserCounters} from './user-counters.js'

/** What happens to users, as the rest of the worker needs to know it. */
export interface UserEvents extends Pick<ConnectionListener, 'stamp' | 'acked' | 'publishRefused'> {
  entered(user: number): void
  lost(user: number): void
  /** However a connection ended that we did not close. */
  readonly ended?: ((user: number, ending: Ending) => void) | undefined
}

/** What users need of a worker's world; which rooms are this worker's own follows from its index. */
export type UserKit = Pick<WorkerKit, 'index' | 'workers' | 'runId' | 'clock' | 'random' | 'signal'>

export interface UserParts {
  readonly kit: UserKit
  readonly identities: Identities
  readonly events: UserEvents
  readonly counters: UserCounters
  /** The node that a user goes to, counted on beyond the last; neighbours by number go to different ones unless told otherwise. */
  readonly nodeOf?: (user: number) => number
}
