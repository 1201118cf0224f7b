/** What ws-flood is asked to do, beside what every drill is: flags already parsed. */
import type {Bytes, Ms, PerSecond} from '../../base/units.js'
import type {CommonInput} from '../drill.js'

export interface WsFloodInput extends CommonInput {
  /** Users to hold at the same time. */
  readonly connections: number
  readonly connectRate: PerSecond
  /** Members of a room. */
  readonly roomSize: number
  /** How long the users are held while they talk. */
  readonly durationMs: Ms
  /** Messages of all rooms together. */
  readonly messageRate: PerSecond
  readonly payloadBytes: Bytes
  /** Search for the most users up to `connections`; each level speaks for `durationMs`. */
  readonly findMax?: boolean
  readonly reconnect: 'full-jitter' | 'off'
  /** The cap of rooms that the target promises; undefined: not checked. */
  readonly checkRoomCap?: number | undefined
  /** After so long the target promises to close a silent connection; undefined: not checked. */
  readonly checkIdleMs?: Ms | undefined
}
