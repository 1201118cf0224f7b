/** The workers of this drill, as those who lead them see them. */
import type {Crew} from '../../load/crew.js'
import type {MsgThroughputSteps} from './worker.js'

export type ThroughputCrew = Crew<MsgThroughputSteps>
