/** What msg-throughput is asked to do, beside what every drill is: flags already parsed. */
import type {Bytes, Ms, PerSecond} from '../../base/units.js'
import type {CommonInput} from '../drill.js'
import type {TransportName} from './transports.js'

export interface MsgThroughputInput extends CommonInput {
  readonly transport: TransportName
  /** Messages of all rooms together. */
  readonly rate: PerSecond
  /** How long the full rate is held. */
  readonly durationMs: Ms
  /** How long the rate rises before that. */
  readonly rampMs: Ms
  readonly payload: Payload
  readonly rooms: number
  /** Undefined lets the transport choose. */
  readonly publishers: number | undefined
  readonly consumers: number | undefined
  /** Seats at which each message comes out. */
  readonly fanout: number
  /** Search for the highest rate up to `rate`, or without a limit when none was typed; each level lasts `durationMs`. */
  readonly findMax: boolean
  /** The user typed a rate, which is the most that a search tries. */
  readonly rateTyped: boolean
  readonly amqp: AmqpWishes
  /** Time partitions of each shard's table; undefined: none. */
  readonly partitions: number | undefined
  readonly archive: ArchiveCheck | undefined
}

export interface Payload {
  readonly bytes: Bytes
  /** What follows the stamp, from a file; undefined: seeded characters. */
  readonly text?: string
}

export interface AmqpWishes {
  readonly queueType: 'quorum' | 'classic'
  /** Messages that a consumer may have without acknowledging them. */
  readonly prefetch: number
  /** The user's own exchange; undefined: one that is made for the run. */
  readonly exchange?: string
  readonly routingKey?: string
}

/** Where everything that was published must be found. */
export interface ArchiveCheck {
  /** A SELECT over the target's Postgres, or a URL, whose answer holds the messages' texts. */
  readonly source: string
  readonly withinMs: Ms
}
