/** What one worker is handed: the plan, the target, and the addresses to connect from. Plain data. */
import type {ChatShare} from '../../chat/share.js'
import type {WsFloodPlan} from './plan.js'

export interface WsFloodShare extends ChatShare {
  readonly plan: WsFloodPlan
}

/** What a worker brings home beside its measurements. */
export interface WorkerAccount {
  /** Some of the lost deliveries, for the report. */
  readonly examples: readonly LostMessage[]
  /** Why the history could not be asked, if it could not. */
  readonly historyTrouble: string | undefined
  readonly rssBytes: number
  /** Users of the checks that had a connection to the end, which take their share of the memory. */
  readonly guests: number
}

/** One message that did not reach everyone. */
export interface LostMessage {
  readonly room: string
  readonly sender: string
  /** Counted from 0 for each sender. */
  readonly sequence: number
  /** How many of the room's members never got it live, and the first of them. */
  readonly receivers: number
  readonly firstReceiver: string
  /** Whether the history holds it; undefined when it was not asked. */
  readonly inHistory: boolean | undefined
}
