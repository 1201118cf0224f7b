/** What ws-flood is asked to do: flags already parsed, the profile, and what this machine allows. */
import type {Bytes, Ms, PerSecond} from '../../base/units.js'
import type {Profile} from '../../targets/profile/schema.js'
import type {Tls} from '../../targets/target.js'
import type {Machine} from '../drill.js'

export interface WsFloodInput {
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
  /** Worker processes; undefined lets the plan choose. */
  readonly workers: number | undefined
  readonly seed: string
  /** One URL a node; empty means the practice target. */
  readonly targets: readonly string[]
  readonly profile: Profile
  /** Own addresses to connect from; empty lets the plan choose. */
  readonly sourceAddresses: readonly string[]
  readonly tls: Tls
  /** Added to every handshake. */
  readonly headers: Readonly<Record<string, string>>
  readonly machine: Machine
}
