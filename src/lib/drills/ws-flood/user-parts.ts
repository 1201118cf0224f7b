/** What users are made with: who they are, and who is told what happens to them. */
import type {WorkerKit} from '../../load/worker-kit.js'
import type {ConnectionListener, Ending} from '../../protocols/chat-connection.js'
import type {Identities} from './identities.js'
import type {UserCounters} from './user-counters.js'

/** What happens to users, as the rest of the worker needs to know it. */
export interface UserEvents extends Pick<ConnectionListener, 'stamp' | 'acked' | 'publishRefused'> {
  entered(user: number): void
  lost(user: number): void
  /** However a connection ended that we did not close. */
  readonly ended?: ((user: number, ending: Ending) => void) | undefined
}

export interface UserParts {
  readonly kit: WorkerKit
  readonly identities: Identities
  readonly events: UserEvents
  /** Without them everything counts as of the ordinary users. */
  readonly counters?: UserCounters | undefined
}
